"""The states of a bot and which verb leads where.

======== ======== ======== ======== ============== ==============
state    start    pause    drain    stop           force-exit
======== ======== ======== ======== ============== ==============
created  running  -        -        -              -
running  -        paused   draining exiting (keep) exiting (sell)
paused   running  -        draining exiting (keep) exiting (sell)
draining running  paused   -        exiting (keep) exiting (sell)
exiting  -        -        -        exiting (keep) exiting (sell)
stopped  running  -        -        -              exiting (sell)
failed   running  -        -        stopped        exiting (sell)
======== ======== ======== ======== ============== ==============

`exiting` lasts until every order of the bot has ended and, when selling, the position is sold;
then the bot is `stopped` (or `failed`, when a failure began it). A bot without open orders that
is told to stop is stopped at once.
"""

from dataclasses import dataclass
from typing import Literal

from ct_kit.errors import Conflict

BotState = Literal["created", "running", "paused", "draining", "stopped", "exiting", "failed"]
Verb = Literal["start", "pause", "drain", "stop", "force-exit"]
FinalState = Literal["stopped", "failed"]

ACTIVE: frozenset[BotState] = frozenset({"running", "paused", "draining", "exiting"})
"""States in which a runner must hold the bot."""

NO_ENTRIES: frozenset[BotState] = frozenset({"paused", "draining", "exiting", "stopped", "failed"})
"""States in which nothing may be bought and resting buys are taken back."""

_TABLE: dict[BotState, dict[Verb, BotState]] = {
    "created": {"start": "running"},
    "running": {
        "pause": "paused",
        "drain": "draining",
        "stop": "exiting",
        "force-exit": "exiting",
    },
    "paused": {
        "start": "running",
        "drain": "draining",
        "stop": "exiting",
        "force-exit": "exiting",
    },
    "draining": {
        "start": "running",
        "pause": "paused",
        "stop": "exiting",
        "force-exit": "exiting",
    },
    # Stop during a force exit: keep what is not yet sold. Force exit during a stop: sell too.
    "exiting": {"stop": "exiting", "force-exit": "exiting"},
    "stopped": {"start": "running", "force-exit": "exiting"},
    "failed": {"start": "running", "stop": "stopped", "force-exit": "exiting"},
}

_REMEDY: dict[BotState, str] = {
    "created": "Start it first.",
    "running": "Pause, drain, stop or force-exit it.",
    "paused": "Start it to go on, or drain, stop or force-exit it.",
    "draining": "Wait until it has sold, start it to trade on, or stop or force-exit it.",
    "exiting": "Wait until its orders have ended and it is stopped.",
    "stopped": "Start it, or force-exit to sell what it still holds.",
    "failed": "Read its events, then start it again, or stop it.",
}


@dataclass(frozen=True, slots=True)
class ExitPlan:
    """How an exiting bot ends: with or without selling, and in which state."""

    sell: bool
    final: FinalState = "stopped"
    reason: str | None = None


def next_state(state: BotState, verb: Verb) -> BotState:
    """Return the state a verb leads to; raises `Conflict` with the reason and the remedy."""
    try:
        return _TABLE[state][verb]
    except KeyError:
        raise Conflict(
            "bot_state_forbids",
            f"The bot is {state}, so it cannot {verb.replace('-', ' ')}. {_REMEDY[state]}",
        ) from None


def verbs_of(state: BotState) -> tuple[Verb, ...]:
    """Return the verbs a state allows."""
    return tuple(_TABLE[state])
