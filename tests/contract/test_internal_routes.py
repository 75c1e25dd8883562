"""Behind the gateway nobody is believed without a token, and nobody does what is not theirs."""

from collections.abc import Iterator

import httpx
import jwt
import pytest

from ct_kit.identity import ServiceIdentity, generate_identities, key_file, trust_dir
from ct_local.layout import REPOSITORY
from ct_local.testing import Platform
from ct_local.testing_api import Endpoint, document_of, endpoints, problem_faults

pytestmark = pytest.mark.platform

SERVICES = {
    "gateway",
    "auth",
    "keyvault",
    "exchange-bridge",
    "proxy",
    "ai-engine",
    "bots",
    "simulator",
    "operator",
}
# The arrows of docs/architecture.md, against their direction.
MAY_CALL = {
    "auth": ("auth", {"gateway"}),
    "keyvault": ("keyvault", {"gateway", "exchange-bridge"}),
    "exchange-bridge": ("exchange-bridge", {"gateway", "bots", "ai-engine"}),
    "proxy": ("proxy", {"gateway", "exchange-bridge", "ai-engine"}),
    "ai-engine": ("ai-engine", {"gateway", "bots"}),
    "bots": ("services/bots", {"gateway"}),
    "simulator": ("services/simulator", {"exchange-bridge", "operator"}),
}
ROUTES = [
    pytest.param(service, endpoint, id=f"{service}-{endpoint.method}-{endpoint.path}")
    for service, (folder, _) in MAY_CALL.items()
    for endpoint in endpoints(document_of(REPOSITORY / folder / "openapi.json"))
]


@pytest.fixture(scope="module")
def inside(platform: Platform) -> Iterator[httpx.Client]:
    """Somebody on this machine who can reach the services' ports."""
    with httpx.Client(timeout=30) as client:
        yield client


def ask(
    inside: httpx.Client, platform: Platform, service: str, endpoint: Endpoint, token: str | None
) -> httpx.Response:
    url = f"http://127.0.0.1:{platform.port(service)}{endpoint.address()}"
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    # an open stream would never end: the head of the answer is enough
    with inside.stream(endpoint.method, url, headers=headers) as answer:
        if not answer.is_success:
            answer.read()
        return answer


def assert_refused(answer: httpx.Response, status: int) -> None:
    assert problem_faults(answer) == []
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(("service", "endpoint"), ROUTES)
def test_a_route_needs_a_token(
    inside: httpx.Client, platform: Platform, service: str, endpoint: Endpoint
) -> None:
    assert_refused(ask(inside, platform, service, endpoint, None), 401)
    assert_refused(ask(inside, platform, service, endpoint, "not.a.token"), 401)


@pytest.mark.parametrize(("service", "endpoint"), ROUTES)
def test_a_route_refuses_whoever_is_not_on_its_list(
    inside: httpx.Client, platform: Platform, service: str, endpoint: Endpoint
) -> None:
    _, callers = MAY_CALL[service]
    for stranger in sorted(SERVICES - callers):
        token = platform.service_token(stranger, service, subject="usr_1")
        assert_refused(ask(inside, platform, service, endpoint, token), 403)


@pytest.mark.parametrize("service", MAY_CALL)
def test_a_token_for_another_or_of_somebody_else_is_none(
    inside: httpx.Client, platform: Platform, service: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, callers = MAY_CALL[service]
    route = next(endpoints(document_of(REPOSITORY / folder / "openapi.json")))
    caller = min(callers)
    right = platform.service_token(caller, service, subject="usr_1")
    claims = jwt.decode(right, options={"verify_signature": False})
    forger = tmp_path_factory.mktemp("forged")
    generate_identities(forger, [caller])
    forged = ServiceIdentity.load(caller, key_file(forger, caller), trust_dir(forger))
    wrong = {
        "meant for another": platform.service_token(caller, f"not-{service}"[:20]),
        "signed by another": forged.token(service, subject="usr_1"),
        "unsigned": jwt.encode(claims, "", algorithm="none"),
        "signed with the public key": jwt.encode(
            claims, "x" * 64, algorithm="HS256", headers={"kid": caller}
        ),
        "cut off": right[:-4],
    }
    for why, token in wrong.items():
        answer = ask(inside, platform, service, route, token)
        assert answer.status_code == 401, f"{why}: {answer.text}"


@pytest.mark.parametrize("service", MAY_CALL)
def test_a_path_nobody_wrote_is_closed_too(
    inside: httpx.Client, platform: Platform, service: str
) -> None:
    for path in ("/", "/v1/nothing", "/docs", "/openapi.json", "/static/x", "/healthz/../v1"):
        answer = inside.get(f"http://127.0.0.1:{platform.port(service)}{path}")
        assert_refused(answer, 401)


@pytest.mark.parametrize("service", MAY_CALL)
def test_whoever_is_on_the_list_is_heard(
    inside: httpx.Client, platform: Platform, service: str
) -> None:
    folder, callers = MAY_CALL[service]
    document = document_of(REPOSITORY / folder / "openapi.json")
    reading = [endpoint for endpoint in endpoints(document) if endpoint.method == "GET"]
    for caller in sorted(callers):
        token = platform.service_token(caller, service, subject="usr_1")
        answers = [ask(inside, platform, service, endpoint, token) for endpoint in reading]
        # auth asks for the person's session next
        heard = [item for item in answers if item.is_success or "session" in item.json()["code"]]
        assert heard, [item.text for item in answers]


def test_the_ai_engine_reads_markets_and_nothing_of_anybody(
    inside: httpx.Client, platform: Platform
) -> None:
    token = platform.service_token("ai-engine", "exchange-bridge", subject="usr_1")
    for endpoint in endpoints(document_of(REPOSITORY / "exchange-bridge" / "openapi.json")):
        answer = ask(inside, platform, "exchange-bridge", endpoint, token)
        open_to_it = endpoint.path.startswith(("/v1/markets", "/v1/candles", "/v1/status"))
        assert (answer.status_code != 403) == open_to_it, f"{endpoint.path}: {answer.status_code}"
