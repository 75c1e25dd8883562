"""`python -m ct_local.primary PORT`: see to it that the mongod there is a primary; exit 0 then."""

import sys
import time

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from ct_kit.mongod import ensure_primary

_GIVE_UP_S = 60.0  # recovery after a crash on a slow disk; the supervisor simply asks again
_POLL_S = 0.05


def main(port: int) -> int:
    """Wait until the mongod on `port` is the primary of its set; return the exit code."""
    deadline = time.monotonic() + _GIVE_UP_S
    reason = ""
    client: MongoClient[dict[str, object]] = MongoClient(
        "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=500
    )
    with client:
        while time.monotonic() < deadline:
            try:
                if ensure_primary(client, port):
                    return 0
                reason = "waiting for its election"
            except PyMongoError as error:
                reason = str(error)[:160]
            time.sleep(_POLL_S)
    sys.stderr.write(reason + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
