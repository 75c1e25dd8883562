"""A headless Chromium, the one of the system."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole session; `make test` installs it where it is missing."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    assert path, "no Chromium on this machine: run scripts/require-chromium"
    with sync_playwright() as playwright:
        # no sandbox: CI runs as root, and the only site it opens is ours
        chromium = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield chromium
        chromium.close()


@pytest.fixture(params=[(1440, 900), (390, 844)], ids=["desktop", "phone"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh page at the sizes of a desk and of a phone, without animations."""
    width, height = request.param
    context = browser.new_context(
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
        color_scheme="dark",
        locale="en-GB",
    )
    yield context.new_page()
    context.close()
