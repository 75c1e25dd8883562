from pathlib import Path

from ct_auth.openapi import document


def test_the_committed_openapi_document_is_current() -> None:
    assert (Path(__file__).parents[2] / "openapi.json").read_text() == document()
