"""A user's whole path through the page, at a desk and on a phone, on a real platform."""

import re
import uuid
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from ct_local.testing import Platform

pytestmark = [pytest.mark.platform, pytest.mark.browser]

PASSWORD = "correct horse battery 42"
SHOTS = Path(__file__).resolve().parents[2] / "test-results" / "screens"
# a bot decides once per closed 1-minute candle
SLOW_MS = 90_000


def _admin(platform: Platform) -> httpx.Client:
    return httpx.Client(
        base_url=f"http://127.0.0.1:{platform.port('simulator')}",
        headers={"Authorization": f"Bearer {platform.operator_token()}"},
    )


@pytest.fixture
def shot(page: Page) -> Callable[[str], None]:
    width = page.viewport_size["width"] if page.viewport_size else 0
    folder = SHOTS / ("desktop" if width > 800 else "phone")
    folder.mkdir(parents=True, exist_ok=True)

    def take(name: str) -> None:
        page.screenshot(path=folder / f"{name}.png", full_page=True)
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, f"{name} scrolls sideways by {overflow} pixels"

    return take


def _go(page: Page, label: str) -> None:
    link = page.get_by_role("navigation", name="Main").get_by_role("link", name=label)
    if not link.first.is_visible():
        page.get_by_role("button", name="More").click()
        link = page.get_by_role("dialog").get_by_role("link", name=label)
    link.first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def _register(page: Page, base_url: str) -> str:
    email = f"ada-{uuid.uuid4().hex[:10]}@example.org"
    page.goto(base_url)
    expect(page).to_have_url(re.compile("/sign-in"))
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    return email


def _open_account(page: Page) -> None:
    page.get_by_role("link", name="Open a paper account").first.click()
    page.get_by_label("Starting balance").fill("10000")
    page.get_by_label("And, if you like").fill("0.1")
    page.get_by_role("button", name="Open account").click()
    expect(page.get_by_text("Balances of Paper account").first).to_be_attached(timeout=SLOW_MS)


def test_a_user_walks_from_registration_to_a_trading_bot(
    page: Page, platform: Platform, shot: Callable[[str], None]
) -> None:
    base_url = platform.base_url
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda message: (
            faults.append(message.text)
            if "Content Security Policy" in message.text or "TrustedHTML" in message.text
            else None
        ),
    )

    email = _register(page, base_url)
    shot("01-first-run")
    _open_account(page)
    shot("02-account")

    _go(page, "Markets")
    table = page.get_by_role("link", name=re.compile("^BTC")).first
    expect(table).to_be_visible()
    shot("03-markets")
    table.click()

    last = page.locator("dd").first
    before = last.inner_text()
    expect(last).not_to_have_text(before, timeout=20_000)
    expect(page.get_by_role("img").or_(page.locator("canvas")).first).to_be_visible()
    expect(page.get_by_text("Spread").first).to_be_visible()

    page.get_by_label("Quantity").fill("0.01")
    expect(page.get_by_text("Price impact")).to_be_visible()
    expect(page.get_by_text("Venue minimum")).to_be_visible()
    shot("04-ticket")
    page.get_by_role("button", name="Buy BTC on paper").click()
    expect(page.get_by_text("Order filled: buy BTC-USDT.")).to_be_visible()

    page.get_by_role("radio", name="Limit").click()
    last_price = float(last.inner_text().replace(",", ""))
    page.get_by_label("Limit price").fill(f"{last_price * 0.9:.2f}")
    page.get_by_label("Quantity").fill("0.02")
    page.get_by_role("button", name="Buy BTC on paper").click()
    cancel = page.get_by_role("button", name="Cancel buy BTC-USDT").locator("visible=true")
    expect(cancel.first).to_be_visible()
    shot("05-working-order")
    cancel.first.click()
    expect(page.get_by_text("No order is working in this market.")).to_be_visible()

    _go(page, "Orders")
    expect(page.get_by_text("Filled").locator("visible=true").first).to_be_visible()
    expect(page.get_by_text("Canceled").locator("visible=true").first).to_be_visible()
    shot("06-orders")
    page.get_by_role("radio", name="Fills").click()
    expect(page.get_by_text("Buy BTC-USDT").locator("visible=true").first).to_be_visible()

    _go(page, "Portfolio")
    expect(page.get_by_text("Equity").first).to_be_visible()
    expect(page.get_by_text("Against holding BTC")).to_be_visible()
    shot("07-portfolio")

    _walk_the_wizard(page, shot)
    _run_a_backtest(page, shot)
    _ask_for_advice(page, shot)
    _handle_a_key(page, platform, shot)

    _go(page, "Settings")
    expect(page.get_by_text("This device")).to_be_visible()
    shot("14-settings")
    _go(page, "Status")
    expect(page.get_by_text("exchange-bridge").locator("visible=true").first).to_be_visible()
    shot("15-status")
    _go(page, "Dashboard")
    expect(page.get_by_text("Latest orders")).to_be_visible()
    expect(page.get_by_text("No order yet.")).not_to_be_visible()
    shot("16-dashboard")
    page.get_by_role("button", name="Use the light theme").click()
    shot("17-dashboard-light")

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    shot("18-sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    assert faults == []


def _walk_the_wizard(page: Page, shot: Callable[[str], None]) -> None:
    _go(page, "Bots")
    page.get_by_role("link", name="Create a bot").first.click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("radio", name=re.compile("Grid|grid")).click()
    page.get_by_role("button", name="Continue").click()
    shot("08-wizard-parameters")
    page.get_by_role("button", name="Run the backtest").click()
    expect(page.get_by_text("Buy and hold").first).to_be_attached(timeout=SLOW_MS)
    shot("09-wizard-backtest")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Create and start").click()
    expect(page.get_by_text("Running").first).to_be_visible(timeout=SLOW_MS)
    log = page.get_by_role("list", name="Event log")
    expect(log.get_by_text("started").first).to_be_visible(timeout=SLOW_MS)
    page.get_by_role("radio", name="Orders").click()
    buys = page.get_by_text(re.compile("Buy BTC-USDT")).locator("visible=true")
    expect(buys.first).to_be_visible(timeout=SLOW_MS)
    page.get_by_role("radio", name="Event log").click()
    shot("10-bot")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused").first).to_be_visible(timeout=SLOW_MS)
    page.get_by_role("button", name="Stop").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped").first).to_be_visible(timeout=SLOW_MS)


def _run_a_backtest(page: Page, shot: Callable[[str], None]) -> None:
    _go(page, "Backtests")
    page.get_by_role("button", name="Run backtest").click()
    expect(page.get_by_text("All figures:")).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_text("In sample").first).to_be_visible()
    expect(page.locator("canvas").first).to_be_visible()
    shot("11-backtest")


def _ask_for_advice(page: Page, shot: Callable[[str], None]) -> None:
    _go(page, "AI advice")
    expect(page.get_by_text("The market now")).to_be_visible()
    page.get_by_role("button", name=re.compile("Train a model")).click()
    expect(page.get_by_text("Out of sample").first).to_be_visible(timeout=2 * SLOW_MS)
    expect(page.get_by_text("Walk-forward:").first).to_be_visible()
    shot("12-advice")


def _handle_a_key(page: Page, platform: Platform, shot: Callable[[str], None]) -> None:
    with _admin(platform) as admin:
        account = admin.post("/admin/accounts", json={"label": "own", "balances": {"USDT": "50"}})
        keys = f"/admin/accounts/{account.json()['account_id']}/keys"
        issued = admin.post(keys, json={"kind": "hmac"}).json()
    secret = issued["api_secret"]

    _go(page, "API keys")
    page.get_by_role("button", name="Add a key").first.click()
    page.get_by_label("Name").fill("My exchange key")
    page.get_by_label("API key", exact=True).fill(issued["api_key"])
    page.get_by_label("API secret").fill(secret)
    page.get_by_role("button", name="Seal the key").click()
    expect(page.get_by_role("heading", name="My exchange key")).to_be_visible()
    page.get_by_role("button", name="Verify with the venue").click()
    expect(page.get_by_text("May not withdraw")).to_be_visible(timeout=SLOW_MS)
    assert secret not in page.content()
    shot("13-keys")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete the key").click()
    expect(page.get_by_text("No exchange key yet.")).to_be_visible()
