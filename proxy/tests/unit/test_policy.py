import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ct_proxy.domain.policy import EXITS, Allowed, Ask, Policy, Refused
from ct_proxy.domain.routes import Route

SIGNED = Route(
    id="office",
    kind="direct",
    country="CH",
    venues=("binance",),
    market_data=True,
    signed=True,
    attestation="Allowed by the operator on 2026-11-22: the account owner lives there.",
)
TIME = "https://api.binance.com/api/v3/time"
LOCAL = ("127.0.0.1", 8111)


def ask(url: str = TIME, **changes: object) -> Ask:
    fields = {"caller": "exchange-bridge", "role": "market_data", "method": "GET", **changes}
    return Ask(url=url, **fields)  # type: ignore[arg-type]


def rule(verdict: Allowed | Refused) -> str:
    return verdict.rule


# Each would reach something it should not with a laxer parser, resolver or list.
CORPUS = [
    "http://api.binance.com/",
    "HTTPS://api.binance.com/",
    "https:/api.binance.com/",
    "https:api.binance.com",
    "//api.binance.com/",
    "api.binance.com",
    "/api/v3/time",
    "",
    " ",
    "https://",
    "https:///",
    "https://?",
    "https://#",
    "https://.",
    "https://:443/",
    "https://@/",
    "https://api.binance.com@127.0.0.1/",
    "https://127.0.0.1@api.binance.com/",
    "https://api.binance.com:443@127.0.0.1/",
    "https://user:pass@api.binance.com/",
    "https://user@api.binance.com/",
    "https://@api.binance.com/",
    "https://api.binance.com#@127.0.0.1/",
    "https://api.binance.com/#fragment",
    "https://127.0.0.1#api.binance.com/",
    "https://127.0.0.1?api.binance.com/",
    "https://api.binance.com\\@127.0.0.1/",
    "https://127.0.0.1\\.api.binance.com/",
    "https:\\\\api.binance.com\\",
    "https://api.binance.com/\\..\\",
    "https://api.binance.com\t/",
    "https://api.binance.com\n/",
    "https://api.binance.com\r\nHost: x/",
    "https://api.binance.com/a\r\nX: y",
    "https://api.binance.com/ HTTP/1.1",
    "https://api.binance.com/\x00",
    "https://api.binance.com\x00.evil.example/",
    " https://api.binance.com/",
    "https://api.binance.com /",
    "https://api.binance.com./",
    "https://api.binance.com../",
    "https://.api.binance.com/",
    "https://api..binance.com/",
    "https://API.BINANCE.COM/",
    "https://Api.binance.com/",
    "https://api.binance.com.evil.example/",
    "https://api-binance.com/",
    "https://evilapi.binance.com/",
    "https://api1.binance.com/",
    "https://binance.com/",
    "https://www.binance.com/",
    "https://data.binance.vision/",
    "https://api.binance.us/",
    "https://api.binance.co/",
    "https://xn--binance-abc.com/",
    "https://xn--pi-6kc.binance.com/",
    "https://\u0430pi.binance.com/",
    "https://api\u3002binance\u3002com/",
    "https://api\uff0ebinance\uff0ecom/",
    "https://\uff41pi.binance.com/",
    "https://api.bin\u00adance.com/",
    "https://api.binance.com\u200b/",
    "https://api%2ebinance.com/",
    "https://%61pi.binance.com/",
    "https://api.binance.com%00.evil.example/",
    "https://api.binance.com%2f@evil.example/",
    "https://api.binance.com:80/",
    "https://api.binance.com:8443/",
    "https://api.binance.com:22/",
    "https://api.binance.com:0/",
    "https://api.binance.com:0443/",
    "https://api.binance.com:65979/",
    "https://api.binance.com:+443/",
    "https://api.binance.com:-443/",
    "https://api.binance.com: 443/",
    "https://api.binance.com:443:443/",
    "https://api.binance.com:/",
    "https://api.binance.com:\u0664\u0664\u0663/",
    "https://127.0.0.1/",
    "https://127.0.0.1:443/",
    "https://127.1/",
    "https://127.0.1/",
    "https://0/",
    "https://0.0.0.0/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://localhost/",
    "https://localhost.localdomain/",
    "https://127.0.0.1.nip.io/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fd00:ec2::254]/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.0.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://metadata.google.internal/",
    "https://8.8.8.8/",
    "http://127.0.0.1:8112/",
    "http://127.0.0.1/",
    "http://127.0.0.1:8111@evil.example/",
    "http://127.0.0.2:8111/",
    "http://localhost:8111/",
    "http://127.0.0.1:08111/",
    "https://127.0.0.1:8111/",
    "wss://127.0.0.1:8111/ws",
    "ws://stream.binance.com:9443/ws",
    "wss://stream.binance.com:8080/ws",
    "https://stream.binance.com/ws",
    "wss://api.binance.com/ws",
    "ftp://api.binance.com/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:27017/_",
    "dict://127.0.0.1:11211/",
    "data:text/html,x",
    "javascript:alert(1)",
    "unix:///var/run/docker.sock",
    "mongodb://127.0.0.1:27117/",
    "https://api.binance.com/../",
    "https://api.binance.com/a/./b",
    "https://api.binance.com/api/../sapi/v1/capital/withdraw/apply",
    "https://api.binance.com/a/..?x=1",
    "https://api.binance.com/[",
    "https://api.binance.com/" + "a" * 9_000,
]


@pytest.mark.parametrize("url", CORPUS)
@pytest.mark.parametrize("role", ["market_data", "signed"])
def test_no_entry_of_the_corpus_leaves(url: str, role: str) -> None:
    policy = Policy(routes=(SIGNED,), signed_routes=frozenset({"office"}), simulator=LOCAL)
    verdict = policy.decide(ask(url, role=role))
    assert isinstance(verdict, Refused), url
    assert rule(verdict) in {"url", "host"}


def test_the_corpus_is_large_and_without_doubles() -> None:
    assert len(CORPUS) == len(set(CORPUS)) >= 100


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=80))
def test_whatever_is_allowed_goes_to_a_listed_host_and_port(text: str) -> None:
    listed = {(out.scheme, out.host, out.port) for out in EXITS}
    for url in (text, f"https://{text}", f"https://api.binance.com{text}"):
        verdict = Policy().decide(ask(url))
        if isinstance(verdict, Allowed):
            out = verdict.exit
            assert (out.scheme, out.host, out.port) in listed
            assert verdict.target.startswith("/")


def test_public_data_leaves_by_default() -> None:
    verdict = Policy().decide(ask("https://api.binance.com/api/v3/klines?symbol=BTCUSDT&limit=5"))
    assert isinstance(verdict, Allowed)
    assert verdict.route.id == "direct"
    assert verdict.target == "/api/v3/klines?symbol=BTCUSDT&limit=5"


def test_nothing_signed_leaves_a_fresh_install() -> None:
    for out in EXITS:
        url = f"{out.scheme}://{out.host}:{out.port}/api/v3/account"
        assert isinstance(Policy().decide(ask(url, role="signed")), Refused)


def test_signed_traffic_is_enabled_twice_or_not_at_all() -> None:
    url = "https://api.binance.com/api/v3/account?timestamp=1"
    only_file = Policy(routes=(SIGNED,))
    only_setting = Policy(signed_routes=frozenset({"direct", "office"}))
    both = Policy(routes=(SIGNED,), signed_routes=frozenset({"office"}))
    assert rule(only_file.decide(ask(url, role="signed"))) == "no_signed_route"
    assert rule(only_setting.decide(ask(url, role="signed"))) == "no_signed_route"
    assert rule(both.decide(ask(url, role="signed"))) == "route:office"


def test_the_public_data_host_takes_nothing_signed() -> None:
    policy = Policy(routes=(SIGNED,), signed_routes=frozenset({"office"}))
    url = "https://data-api.binance.vision/api/v3/account"
    assert rule(policy.decide(ask(url, role="signed"))) == "role_of_host"


@pytest.mark.parametrize("name", ["X-MBX-APIKEY", "x-mbx-apikey", "X-Mbx-ApiKey"])
def test_public_calls_carry_no_api_key(name: str) -> None:
    assert rule(Policy().decide(ask(headers=((name, "k"),)))) == "key_in_public_call"


def test_only_headers_venues_read_are_passed_on() -> None:
    headers = tuple(
        (name, "x")
        for name in (
            "Accept",
            "Authorization",
            "Connection",
            "Content-Length",
            "Cookie",
            "Forwarded",
            "Host",
            "Proxy-Authorization",
            "TE",
            "Transfer-Encoding",
            "Upgrade",
            "X-CT-Session",
            "X-Forwarded-For",
            "X-Forwarded-Host",
        )
    )
    verdict = Policy().decide(ask(headers=(*headers, ("Accept", "a\r\nHost: x"))))
    assert isinstance(verdict, Allowed)
    assert verdict.headers == (("Accept", "x"),)


@pytest.mark.parametrize(
    ("caller", "role", "allowed"),
    [
        ("exchange-bridge", "market_data", True),
        ("ai-engine", "market_data", True),
        ("ai-engine", "signed", False),
        ("gateway", "market_data", False),
        ("gateway", "signed", False),
        ("bots", "market_data", False),
        ("", "market_data", False),
    ],
)
def test_each_service_sends_only_its_kind(caller: str, role: str, *, allowed: bool) -> None:
    verdict = Policy().decide(ask(caller=caller, role=role))
    assert isinstance(verdict, Allowed) == allowed


def test_the_simulator_is_let_in_by_exact_host_and_port_only_if_told() -> None:
    url = "http://127.0.0.1:8111/api/v3/order"
    assert rule(Policy().decide(ask(url, role="signed"))) == "host"
    verdict = Policy(simulator=LOCAL).decide(ask(url, role="signed"))
    assert isinstance(verdict, Allowed)
    assert verdict.pinned == "127.0.0.1"


@pytest.mark.parametrize("method", ["CONNECT", "TRACE", "get", "", "PATCH", "GET /x"])
def test_odd_methods_are_refused(method: str) -> None:
    assert rule(Policy().decide(ask(method=method))) == "method"
