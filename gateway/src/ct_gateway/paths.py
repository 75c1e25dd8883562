"""Shapes of the parameters a public path may hold."""

import re

PATH_PARAMETERS: dict[str, re.Pattern[str]] = {
    # our identifiers: a prefix and a sortable random part, such as ord_01h...
    "id": re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII),
    "symbol": re.compile(r"[A-Z0-9]{2,12}-[A-Z0-9]{2,12}", re.ASCII),
}
