"""What the bridge reads from its environment, once."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from ct_kit.settings import SharedSettings, settings_of


class BridgeSettings(SharedSettings):
    """Shared settings plus the bridge's own, `CT_EXCHANGE_BRIDGE_...`."""

    model_config = settings_of("exchange-bridge")

    host: str = "127.0.0.1"
    port: int = Field(default=8103, ge=1, le=65_535)
    egress: Literal["direct"] = Field(
        default="direct", description="How venue traffic leaves; the proxy joins later."
    )
    quote: str = Field(default="USDT", pattern=r"^[A-Z0-9]{2,12}$")
    stale_after_s: float = Field(default=15.0, gt=0, le=3_600)
    silence_s: float = Field(
        default=30.0, gt=0, le=86_400, description="A public stream this quiet is made anew."
    )
    balance_fresh_s: float = Field(default=5.0, gt=0, le=600)
    lookup_every_s: float = Field(default=2.5, ge=0.05, le=60)
    compare_every_s: float = Field(default=60.0, ge=0.05, le=3_600)
    equity_every_s: float = Field(default=60.0, ge=0.05, le=3_600)
    flush_every_s: float = Field(default=900.0, ge=0.05, le=86_400)
    fee_rate: Decimal = Field(
        default=Decimal("0.001"), ge=0, lt=1, description="Taker fee that previews assume."
    )
    max_order_notional: Decimal = Field(default=Decimal(1_000_000), gt=0)
    max_open_orders: int = Field(default=200, ge=1, le=500)
    max_orders_per_minute: int = Field(default=600, ge=1, le=60_000)
    price_collar: Decimal = Field(default=Decimal("0.1"), gt=0, le=10)
    reconcile_only: bool = Field(
        default=False,
        description="After a restore: settle what is old, place nothing new (safety.md D8).",
    )
