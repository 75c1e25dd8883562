"""Bots and their records as MongoDB documents, and back."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ct_bots.domain.book import Book
from ct_bots.domain.bot import Bot, Run
from ct_bots.domain.journal import DecidedTarget, Decision
from ct_bots.domain.lifecycle import ExitPlan
from ct_bots.domain.orders import BotOrder
from ct_kit.mongo import from_bson, to_bson

Document = dict[str, Any]

_CONTROL = (
    "label",
    "parameters",
    "parameters_version",
    "active_parameters",
    "active_version",
    "state",
    "state_reason",
    "control_version",
)
_FIXED = (
    "owner",
    "strategy",
    "account_id",
    "mode",
    "symbol",
    "interval",
    "budget",
    "created_at",
    "updated_at",
)
_BOOK = tuple(field.name for field in fields(Book))
_ORDER = tuple(field.name for field in fields(BotOrder))
_RUN = tuple(field.name for field in fields(Run) if field.name not in {"book", "orders"})
_TARGET = tuple(field.name for field in fields(DecidedTarget))


def bot_document(bot: Bot) -> Document:
    """Return the whole document of a new bot."""
    fixed = to_bson({name: getattr(bot, name) for name in _FIXED})
    return {"_id": bot.id, **fixed, **control_fields(bot), "run": run_document(bot.run), "epoch": 0}


def control_fields(bot: Bot) -> Document:
    """Return the user's half."""
    found: Document = to_bson({name: getattr(bot, name) for name in _CONTROL})
    plan = bot.exit
    found["exit"] = plan and {"sell": plan.sell, "final": plan.final, "reason": plan.reason}
    return found


def run_document(run: Run) -> Document:
    """Return the runner's half."""
    plain = {name: getattr(run, name) for name in _RUN}
    plain["book"] = {name: getattr(run.book, name) for name in _BOOK}
    plain["orders"] = [{name: getattr(order, name) for name in _ORDER} for order in run.orders]
    document: Document = to_bson(plain)
    return document


def bot_of(document: Mapping[str, Any]) -> Bot:
    """Read a bot."""
    plain = from_bson(document)
    plan = plain["exit"]
    return Bot(
        id=plain["_id"],
        exit=ExitPlan(**plan) if plan else None,
        run=_run_of(plain["run"]),
        **{name: plain[name] for name in (*_FIXED, *_CONTROL)},
    )


def _run_of(plain: Mapping[str, Any]) -> Run:
    state = plain["strategy_state"]
    values = {name: plain[name] for name in _RUN}
    values["strategy_state"] = None if state is None else tuple(state)
    orders = tuple(
        BotOrder(
            **{
                **{n: item[n] for n in _ORDER},
                "fills": tuple(item["fills"]),
                "after": tuple(item["after"]),
            }
        )
        for item in plain["orders"]
    )
    return Run(**values, book=Book(**plain["book"]), orders=orders)


def decision_document(bot: Bot, decision: Decision, decision_id: str) -> Document:
    """Return a decision; its targets get their order ids later."""
    targets = [{name: getattr(t, name) for name in _TARGET} for t in decision.targets]
    document: Document = to_bson(
        {
            "_id": decision_id,
            "owner": bot.owner,
            "bot_id": bot.id,
            "key": decision.key,
            "trigger": decision.trigger,
            "candle": decision.candle,
            "at": decision.at,
            "targets": [{**target, "order_id": None} for target in targets],
            "parameters_version": decision.parameters_version,
            "state_after": list(decision.state_after),
        }
    )
    return document
