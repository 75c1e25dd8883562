"""The page the gateway serves: built once from frontend/."""

from ct_local.errors import StartFault
from ct_local.layout import REPOSITORY

PAGE_DIR = REPOSITORY / "frontend" / "dist"


def require_page() -> None:
    """Raise StartFault when the page was not built."""
    if not (PAGE_DIR / "index.html").is_file():
        raise StartFault(
            "The page is not built.", "Build it: make frontend (or just: make run).", code="no_page"
        )
