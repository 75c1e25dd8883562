"""RFC 9457 problem details, as every service answers them."""

from pydantic import Field

from ct_kit.contracts.common import View


class FieldProblem(View):
    """What is wrong with one field of the request and how to mend it."""

    field: str = Field(description="Dotted path of the field, such as body.price.")
    message: str
    remedy: str


class Problem(View):
    """An RFC 9457 problem document with a stable code."""

    type: str = Field(description="URI of the code's documentation.")
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable, documented, for programs.")
    request_id: str
    errors: list[FieldProblem] = Field(default_factory=list)
