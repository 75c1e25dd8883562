"""Indexes of the `bots` database, verified at the start of each process."""

from ct_kit.mongo import IndexSpec

INDEXES = (
    IndexSpec("bots", (("owner", 1), ("_id", -1))),
    IndexSpec("bots", (("state", 1),)),
    IndexSpec(
        "bots",
        (("owner", 1), ("idempotency_key", 1)),
        unique=True,
        where={"idempotency_key": {"$type": "string"}},
    ),
    # One decision per bot and event, whoever tries: safety.md O1.
    IndexSpec("decisions", (("bot_id", 1), ("key", 1)), unique=True),
    IndexSpec("decisions", (("owner", 1), ("bot_id", 1), ("_id", -1))),
    IndexSpec("events", (("owner", 1), ("bot_id", 1), ("_id", -1))),
    IndexSpec("leases", (("holder", 1),)),
)
