"""Wire shapes of the proxy."""

from typing import Annotated, Literal

from pydantic import Field

from ct_kit.contracts.common import Request, View

HeaderPair = tuple[
    Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9-]+$")],
    Annotated[str, Field(max_length=1_024)],
]


class EgressRequest(Request):
    """One call to a venue. There is no field for a route: routes are the operator's."""

    role: Literal["market_data", "signed"]
    method: Literal["GET", "POST", "PUT", "DELETE"]
    url: str = Field(min_length=1, max_length=8_192)
    headers: list[HeaderPair] = Field(default_factory=list, max_length=20)
    body: str = Field(default="", max_length=65_536)


class Verdict(View):
    """What would happen to a call, and by which rule."""

    allowed: bool
    rule: str
    detail: str
    host: str | None = None
    route: str | None = None


class RouteView(View):
    """One way out."""

    id: str
    kind: str
    country: str | None
    venues: list[str]
    market_data: bool
    signed: bool


class RouteList(View):
    """All ways out, in the order they are considered."""

    items: list[RouteView]


class EgressStatus(View):
    """What the proxy did since its start. `restricted` names hosts that answered 451, by route."""

    routes: list[RouteView]
    simulator_allowed: bool
    forwarded: int
    refused: int
    failed: int
    bytes_in: int
    restricted: dict[str, str]
