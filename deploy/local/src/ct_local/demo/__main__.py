"""`python -m ct_local.demo ADDRESS [SECONDS]`: seed the platform there, print how to sign in.

SECONDS is how long the start has taken so far, so that the clock on the screen goes on.
"""

import asyncio
import sys

import httpx

from ct_local.console import Console
from ct_local.demo.api import Api, DemoError
from ct_local.demo.seed import Credentials, new_credentials, seed


async def _seed(address: str, console: Console, who: Credentials) -> None:
    async with Api(address) as api:
        await seed(api, console, who)


def main(address: str, already_s: float = 0.0) -> int:
    """Seed; return the exit code."""
    console = Console(already_s=already_s)
    who = new_credentials()
    fault: Exception | None = None
    try:
        asyncio.run(_seed(address, console, who))
    except (DemoError, httpx.HTTPError) as error:
        fault = error
        sys.stderr.write(f"error: the demo stopped: {error or type(error).__name__}\n")
    console.box(
        [
            "Sign in to see the demo (shown once, stored nowhere in clear):",
            f"e-mail    {who.email}",
            f"password  {who.password}",
        ]
    )
    return 1 if fault else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(float, sys.argv[2:])))
