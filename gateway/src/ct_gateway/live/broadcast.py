"""The status page on the stream: when it changes, and now and then when it does not."""

import asyncio
import time
from typing import Any, Protocol

from ct_gateway.live.channels import STATUS
from ct_gateway.live.hub import Hub
from ct_kit.contracts.status import Status

_LOOK_S = 1.0
_REPEAT_S = 10.0


class StatusSource(Protocol):
    """Composes the status."""

    async def read(self) -> Status:
        """Return the status now."""


async def broadcast_status(source: StatusSource, hub: Hub) -> None:
    """Publish the status while anybody listens, until cancelled."""
    last: dict[str, Any] = {}
    due = 0.0
    while True:
        if hub.wanted(STATUS):
            status = await source.read()
            facts = status.model_dump(
                mode="json",
                exclude={
                    "as_of": True,
                    "services": {"__all__": {"checked_at"}},
                    "venues": {"__all__": {"data_age_ms"}},
                },
            )
            if facts != last or time.monotonic() >= due:
                last, due = facts, time.monotonic() + _REPEAT_S
                hub.publish_status(status.model_dump(mode="json"))
        await asyncio.sleep(_LOOK_S)
