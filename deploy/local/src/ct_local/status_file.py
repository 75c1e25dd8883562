"""`status.json`: which process is which service, for tests, `make doctor` and curious operators."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def resident_bytes_by_group() -> dict[int, int]:
    """Return the resident bytes of every process group we may see (proc(5), statm)."""
    page = os.sysconf("SC_PAGE_SIZE")
    totals: Counter[int] = Counter()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            group = os.getpgid(int(entry.name))
            totals[group] += int((entry / "statm").read_text().split()[1]) * page
        except (OSError, IndexError):
            continue  # it ended while we looked
    return dict(totals)


class StatusFile:
    """Write the status atomically: a reader sees the old text or the new one, never half."""

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        self._path = path
        self._header = dict(header)

    def write(self, services: Iterable[Mapping[str, Any]], *, state: str) -> None:
        """Replace the file by the present state; raises OSError when the disk refuses."""
        document = {
            **self._header,
            "state": state,
            "updated_at": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "services": list(services),
        }
        draft = self._path.with_suffix(".tmp")
        draft.write_text(json.dumps(document, indent=1) + "\n")
        draft.replace(self._path)

    def close(self) -> None:
        """Take the file away: nothing runs any more."""
        self._path.unlink(missing_ok=True)
