"""The system's resolver."""

import asyncio
import socket

from ct_proxy.errors import NotSent

_TIMEOUT_S = 3.0


class SystemResolver:
    """Asks the operating system, once per call."""

    async def resolve(self, host: str, port: int) -> list[str]:
        """Return every address of a name; raise `NotSent` when there is no answer."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except TimeoutError as late:
            raise NotSent("its name was not resolved in time") from late
        except OSError as failed:
            raise NotSent("its name was not resolved") from failed
        return [str(address[0]) for *_, address in found]
