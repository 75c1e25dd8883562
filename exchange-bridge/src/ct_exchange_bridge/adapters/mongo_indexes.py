"""Every index the bridge relies on; verified at start, or the service does not start."""

from ct_kit.mongo import IndexSpec

INDEXES: tuple[IndexSpec, ...] = (
    IndexSpec("orders", (("account_id", 1), ("intent_key", 1)), unique=True),
    IndexSpec("orders", (("client_order_id", 1),), unique=True),
    IndexSpec("orders", (("owner", 1), ("_id", -1))),
    IndexSpec("orders", (("owner", 1), ("bot_id", 1), ("_id", -1))),
    IndexSpec("orders", (("account_id", 1), ("venue_order_id", 1))),
    IndexSpec("orders", (("settled", 1), ("_id", 1))),
    IndexSpec(
        "fills",
        (("venue", 1), ("account_id", 1), ("symbol", 1), ("venue_trade_id", 1)),
        unique=True,
    ),
    IndexSpec("fills", (("owner", 1), ("_id", -1))),
    IndexSpec("fills", (("account_id", 1), ("at", 1))),
    IndexSpec("fills", (("order_id", 1),)),
    IndexSpec("accounts", (("owner", 1), ("_id", 1))),
    IndexSpec(
        "accounts",
        (("owner", 1), ("idempotency_key", 1)),
        unique=True,
        where={"idempotency_key": {"$type": "string"}},
    ),
    IndexSpec(
        "candles",
        (("market", 1), ("symbol", 1), ("interval", 1), ("month", 1)),
        unique=True,
    ),
    IndexSpec("equity", (("owner", 1), ("mode", 1), ("at", 1)), unique=True),
    IndexSpec("equity", (("owner", 1), ("mode", 1), ("equity", -1))),
)
