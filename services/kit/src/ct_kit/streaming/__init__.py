"""Live feeds inside: NDJSON lines fanned out to bounded queues."""

from ct_kit.streaming.broadcaster import Broadcaster, Subscription
from ct_kit.streaming.message import HEARTBEAT_S, MEDIA_TYPE, Message
from ct_kit.streaming.threaded import ThreadedBroadcaster, ThreadedSubscription

__all__ = [
    "HEARTBEAT_S",
    "MEDIA_TYPE",
    "Broadcaster",
    "Message",
    "Subscription",
    "ThreadedBroadcaster",
    "ThreadedSubscription",
]
