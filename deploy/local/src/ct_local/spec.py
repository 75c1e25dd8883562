"""What the supervisor needs to know of one child, and nothing about CryptoTrade."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ct_local.readiness import Probe


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """One program to keep alive.

    `tier` orders the stop: higher tiers stop first, tier 0 (the database) last. `needs` names the
    children that must have been ready once before this one is first started.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    ports: Mapping[str, int]
    probe: Probe
    tier: int
    needs: tuple[str, ...] = ()
    stop_within_s: float = 3.5  # the services' own grace is 3 s, `ct_kit.web.serve.GRACE_S`
    settings_exit_codes: frozenset[int] = field(default=frozenset({78}))
