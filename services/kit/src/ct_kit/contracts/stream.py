"""The live stream: what the browser says and hears on `/api/v1/stream`."""

from typing import Annotated, Any, Literal

from pydantic import Field

from ct_kit.contracts.common import Request, View

Channel = Annotated[
    str,
    Field(
        max_length=60,
        pattern=r"^(ticker:[A-Z0-9-]+|book:[A-Z0-9-]+|trades:[A-Z0-9-]+"
        r"|candles:[A-Z0-9-]+:(1m|5m|15m|1h|4h|1d)|orders|fills|bots|jobs|alerts|status)$",
    ),
]


class StreamCommand(Request):
    """What a browser sends."""

    op: Literal["subscribe", "unsubscribe", "pong"]
    channels: list[Channel] = Field(default=[], max_length=64)
    cursor: int | None = Field(default=None, ge=0, description="Last seq seen, to resume.")


class StreamMessage(View):
    """What a browser receives."""

    type: Literal["event", "subscribed", "heartbeat", "reset", "problem"]
    channel: str | None = None
    seq: int | None = Field(default=None, description="Grows by one per event of this stream.")
    data: Any = None


class FeedLine(View):
    """One NDJSON line of a service's internal feed."""

    channel: str
    owner: str | None = None
    data: Any = None
