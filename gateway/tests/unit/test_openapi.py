import json
from pathlib import Path

from ct_gateway import openapi
from ct_gateway.operations import Access
from ct_gateway.routes import OPERATIONS


def test_the_committed_document_is_current() -> None:
    committed = Path(__file__).parents[2] / "openapi.json"

    assert committed.read_text(encoding="utf-8") == openapi.render(), (
        "run: python -m ct_gateway.openapi"
    )


def test_every_reference_resolves() -> None:
    document = openapi.document()

    def references(node: object) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [found for value in node.values() for found in references(value)]
        if isinstance(node, list):
            return [found for value in node for found in references(value)]
        return []

    for reference in references(document):
        node: object = document
        for part in reference.removeprefix("#/").split("/"):
            assert isinstance(node, dict)
            node = node[part]


def test_only_the_doors_are_public() -> None:
    public = {row.id for row in OPERATIONS if row.access is Access.PUBLIC}

    assert public == {"register", "login"}


def test_no_answer_has_a_field_for_a_secret() -> None:
    document = openapi.document()
    answered = json.dumps([row.response.__name__ for row in OPERATIONS if row.response])

    for name in ("SessionGrant", "KeyCreate", "SignRequest", "Pair"):
        assert f'"{name}"' not in answered
        assert name == "KeyCreate" or name not in document["components"]["schemas"]
