"""Routes of the proxy: send, ask, look."""

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from ct_kit.web.fastapi import CallerDep
from ct_proxy.api.shapes import EgressRequest, EgressStatus, RouteList, RouteView, Verdict
from ct_proxy.app.forward import Forwarder
from ct_proxy.domain.policy import Ask, Policy, Refused

_UPSTREAM = "X-CT-Upstream-"


def router(forwarder: Forwarder) -> APIRouter:
    """Return the routes over one forwarder."""
    routes = APIRouter(prefix="/v1", tags=["egress"])

    @routes.post("/forward", response_class=StreamingResponse)
    async def forward(body: EgressRequest, caller: CallerDep) -> StreamingResponse:
        """Send one call; 200 means an answer came.

        The venue's status is in `X-CT-Upstream-Status`, its headers that matter follow under the
        same prefix, its body is the body. A problem document is always the proxy's own word.
        """
        reply = await forwarder.send(_ask(body, caller.service), caller.user_id, body.body.encode())
        headers = {f"{_UPSTREAM}{name.title()}": value for name, value in reply.headers}
        headers[f"{_UPSTREAM}Status"] = str(reply.status)
        return StreamingResponse(reply.body, headers=headers, media_type="application/octet-stream")

    @routes.post("/decide")
    async def decide(body: EgressRequest, caller: CallerDep) -> Verdict:
        """Say what would happen to a call, without names resolved or anything sent."""
        verdict = forwarder.policy.decide(_ask(body, caller.service))
        if isinstance(verdict, Refused):
            return Verdict(
                allowed=False, rule=verdict.rule, detail=verdict.detail, host=verdict.host
            )
        return Verdict(
            allowed=True,
            rule=verdict.rule,
            detail="It may leave if its name leads to global addresses only.",
            host=verdict.exit.host,
            route=verdict.route.id,
        )

    @routes.get("/routes")
    async def list_routes(_: CallerDep) -> RouteList:
        """List the ways out."""
        return RouteList(items=_views(forwarder.policy))

    @routes.get("/status")
    async def status(_: CallerDep) -> EgressStatus:
        """Tell what happened since the start."""
        counters = forwarder.counters
        return EgressStatus(
            routes=_views(forwarder.policy),
            simulator_allowed=forwarder.policy.simulator is not None,
            forwarded=counters.forwarded,
            refused=counters.refused,
            failed=counters.failed,
            bytes_in=counters.bytes_in,
            restricted=dict(counters.restricted),
        )

    return routes


def _ask(body: EgressRequest, caller: str) -> Ask:
    return Ask(caller, body.role, body.method, body.url, tuple(body.headers))


def _views(policy: Policy) -> list[RouteView]:
    return [
        RouteView(
            id=route.id,
            kind=route.kind,
            country=route.country,
            venues=list(route.venues),
            market_data=route.market_data,
            # Twice enabled, or not at all.
            signed=route.signed and route.id in policy.signed_routes,
        )
        for route in policy.routes
    ]
