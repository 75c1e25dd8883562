"""The OpenAPI document says what truly comes back: problems, in the one shape."""

from fastapi import APIRouter
from pydantic import BaseModel

from ct_kit.web.fastapi import create_service_app


class Thing(BaseModel):
    """Something with a field to get wrong."""

    name: str


def test_every_operation_answers_problems_and_never_fastapis_own_shape() -> None:
    router = APIRouter(prefix="/v1")

    @router.post("/things/{thing_id}")
    async def make(thing_id: int, body: Thing) -> Thing:
        return Thing(name=f"{body.name}{thing_id}")

    @router.get("/things")
    async def things() -> list[Thing]:
        return []

    app = create_service_app("Things", "things")
    app.include_router(router)
    document = app.openapi()

    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len(operations) == 2
    for operation in operations:
        assert set(operation["responses"]) == {"200", "default"}
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}
    problem = document["components"]["responses"]["Problem"]["content"]
    assert list(problem) == ["application/problem+json"]
    assert set(document["components"]["schemas"]) == {"FieldProblem", "Problem", "Thing"}
    assert app.openapi() is document


def test_health_and_metrics_are_no_part_of_the_api() -> None:
    assert create_service_app("Things", "things").openapi()["paths"] == {}
