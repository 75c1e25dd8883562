"""Whatever the document allows, and much that it does not: no fault of ours, no surprise.

CT_FUZZ_EXAMPLES is the number of cases for each operation, once of calls the document allows
and once of calls it does not. Without it they are the same 20 every time; with it, new ones.
"""

import os
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import (
    GenerationConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ct_local.testing import Platform
from ct_local.testing_api import (
    ENDING_THE_SESSION,
    PREFIX,
    Endpoint,
    Person,
    gateway_document,
    gateway_endpoints,
)

pytestmark = pytest.mark.platform

EXAMPLES = int(os.environ.get("CT_FUZZ_EXAMPLES", "20"))
ALWAYS_THE_SAME = "CT_FUZZ_EXAMPLES" not in os.environ
WEIGHED_BY_AUTH = {"register", "login"}
EXAMPLES_WEIGHED = 10
"""Auth weighs 100 attempts of one address an hour, and other tests sign in from here as well."""

NEED_A_RUNNING_BOT = {"pause_bot", "drain_bot", "stop_bot", "force_exit_bot"}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
DOORS = re.compile(r"session_(required|ended)|csrf_.*|origin_refused|.*_rate_exceeded")
"""Refusals that come before any operation is asked."""


def readable(node: Any) -> Any:
    """Return the document with its pairs as lists of two: schemathesis 4.32 misreads prefixItems.

    It turns them into the `items` of an older draft, and then finds that wrong.
    """
    if isinstance(node, list):
        return [readable(item) for item in node]
    if not isinstance(node, dict):
        return node
    copy = {key: readable(value) for key, value in node.items()}
    if "prefixItems" in copy:
        first, *others = copy.pop("prefixItems")
        assert others == [first] * (copy["maxItems"] - 1)
        copy["items"] = first
    return copy


SCHEMA = schemathesis.openapi.from_dict(
    readable(gateway_document()),
    config=SchemathesisConfig(
        projects=ProjectsConfig(
            default=ProjectConfig(generation=GenerationConfig(with_security_parameters=False))
        )
    ),
)


class Fuzzer:
    """A person with one of each thing, whose ids and names make some cases hit something."""

    def __init__(self, person: Person, errors_before: set[str]) -> None:
        self.person = person
        self.errors_before = errors_before
        self.cases = 0
        self.called: set[str] = set()
        self.carried_out: set[str] = set()
        self._session = requests.Session()
        account = {"label": "Fuzzed", "balances": {"USDT": "1000000", "BTC": "10"}}
        self._account_id = person.post("/accounts/paper", account)["id"]
        training = {"symbol": "BTC-USDT", "interval": "1h", "candles": 300, "folds": 3}
        self._ids = {
            "/accounts": self._account_id,
            "/jobs": person.post("/trainings", training)["job_id"],
        }
        self._names: dict[str, Any] = {
            "account_id": self._account_id,
            "order_id": self._order(),
            "bot_id": self._bot(),
            "symbol": "BTC-USDT",
            "strategy": "ema_cross",
            "parameters": {},
            "budget": "1000",
            "balances": {"USDT": "1000"},
        }
        order = {"account_id": self._account_id, "symbol": "BTC-USDT", "side": "buy"}
        order |= {"type": "market", "quantity": "0.001"}
        market = {"symbol": "BTC-USDT", "interval": "1h", "candles": 300, "budget": "1000"}
        # whose rules no schema says, so that chance would hardly ever meet them
        self._bodies = {
            "create_order": order,
            "preview_order": order,
            "create_optimization": market | {"strategy": "ema_cross", "search": {"fast": [5, 8]}},
        }

    def provide(self, operation: Endpoint) -> None:
        """Make what the operation may be called on, for an earlier one may have removed it."""
        make = {
            "/auth/sessions": self._other_session,
            "/keys": self._key,
            "/orders": self._order,
            "/bots": self._bot,
        }.get(collection_of(operation.path))
        if make is None or "{id}" not in operation.path:
            return
        self._ids[collection_of(operation.path)] = made = make()
        if operation.id in NEED_A_RUNNING_BOT:
            self.person.call("POST", f"/bots/{made}/start")

    def _order(self) -> str:
        """Return an order that rests in the book, whatever limits and halts were set before."""
        self.person.call("PUT", "/risk/limits", json={})
        self.person.call("POST", "/risk/resume", json={})
        bid = Decimal(self.person.get("/markets/BTC-USDT")["ticker"]["bid"])
        order = {"account_id": self._account_id, "symbol": "BTC-USDT", "side": "buy"}
        order |= {"type": "limit", "quantity": "0.001", "price": str(round(bid * 95 / 100))}
        return str(self.person.post("/orders", order)["id"])

    def _bot(self) -> str:
        bot = {"label": "Fuzzed", "strategy": "grid", "interval": "1m", "budget": "500"}
        bot |= {"account_id": self._account_id, "symbol": "BTC-USDT"}
        return str(self.person.post("/bots", bot)["id"])

    def _key(self) -> str:
        key = {"venue": "binance", "label": "Fuzzed", "api_key": "k" * 64, "api_secret": "s" * 64}
        return str(self.person.post("/keys", key)["id"])

    def _other_session(self) -> str:
        """Sign in once more, as on another device."""
        self._session.cookies.clear()
        credentials = {"email": self.person.email, "password": self.person.password}
        url = f"{self.person.base_url}{PREFIX}/auth/login"
        return str(self._session.post(url, json=credentials, timeout=30).json()["session_ref"])

    def familiar(self, case: Case, operation: Endpoint, choose: Callable[[], bool]) -> None:
        """Put things that exist where the case names things that do not, here and there."""
        if operation.id in self._bodies and choose():
            case.body = dict(self._bodies[operation.id])
        for values in (case.path_parameters, case.query, case.body):
            if isinstance(values, dict):
                for name in values.keys() & self._names.keys():
                    if choose():
                        values[name] = self._names[name]
        collection = collection_of(case.path.removeprefix(PREFIX))
        if collection in self._ids and "id" in case.path_parameters and choose():
            case.path_parameters["id"] = self._ids[collection]

    def send(self, case: Case, operation: Endpoint) -> requests.Response:
        """Call as the person, or as nobody where the operation is public."""
        self.cases += 1
        self.called.add(operation.id)
        headers = {}
        if not operation.public:
            headers = {"Cookie": self.person.cookie, "X-CSRF-Token": self.person.csrf}
        self._session.cookies.clear()
        return case.call(base_url=self.person.base_url, session=self._session, headers=headers)

    def tidy(self) -> None:
        """Leave nothing running: other tests share the platform."""
        for job in self.person.get("/jobs")["items"]:
            if job["state"] in {"queued", "running"}:
                self.person.call("POST", f"/jobs/{job['id']}/cancel")
        for bot in self.person.get("/bots")["items"]:
            self.person.call("POST", f"/bots/{bot['id']}/stop")
        self._session.close()


@pytest.fixture(scope="module")
def fuzzer(
    platform: Platform, meet: Callable[[], Person], record_figures: Callable[[str], None]
) -> Iterator[Fuzzer]:
    fuzzer = Fuzzer(meet(), errors_in_logs(platform))
    yield fuzzer
    fuzzer.tidy()
    record_figures(
        f"fuzz: {fuzzer.cases} cases, {len(fuzzer.called)} operations called, "
        f"{len(fuzzer.carried_out)} carried out"
    )


def collection_of(path: str) -> str:
    return path.partition("/{id}")[0]


def described(operation: Endpoint) -> APIOperation:
    """Return the operation as schemathesis reads it in the document."""
    return SCHEMA[PREFIX + operation.path][operation.method]


def run(fuzzer: Fuzzer, operation: Endpoint, mode: GenerationMode) -> set[str]:
    """Draw and send the cases; return the statuses and codes they were answered with."""
    answers: set[str] = set()
    fuzzer.provide(operation)
    checks = CHECKS if mode is GenerationMode.POSITIVE else [*CHECKS, negative_data_rejection]
    examples = EXAMPLES_WEIGHED if operation.id in WEIGHED_BY_AUTH else EXAMPLES

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=ALWAYS_THE_SAME,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # shrinking asks for hundreds of calls more
    )
    @given(case=described(operation).as_strategy(generation_mode=mode), data=st.data())
    def cases(case: Case, data: st.DataObject) -> None:
        if mode is GenerationMode.POSITIVE:
            fuzzer.familiar(case, operation, lambda: data.draw(st.booleans()))
        answer = fuzzer.send(case, operation)
        case.validate_response(answer, checks=checks)
        # `default` would allow any: what a client must be ready for is listed
        assert str(answer.status_code) in operation.definition["responses"], answer.text
        if answer.status_code < 400:
            fuzzer.carried_out.add(operation.id)
        answers.add("done" if answer.status_code < 400 else answer.json()["code"])

    cases()
    return answers


def test_calls_the_document_allows_are_answered_as_it_says(
    fuzzer: Fuzzer, fuzzed_operation: Endpoint
) -> None:
    answers = run(fuzzer, fuzzed_operation, GenerationMode.POSITIVE)
    assert [code for code in answers if not DOORS.fullmatch(code)], answers


def test_calls_the_document_does_not_allow_are_refused(
    fuzzer: Fuzzer, fuzzed_operation_with_input: Endpoint
) -> None:
    run(fuzzer, fuzzed_operation_with_input, GenerationMode.NEGATIVE)


def test_no_service_wrote_an_error_into_its_log(platform: Platform, fuzzer: Fuzzer) -> None:
    written = errors_in_logs(platform)
    assert written - fuzzer.errors_before == set()


def errors_in_logs(platform: Platform) -> set[str]:
    names = [entry["name"] for entry in platform.status()["services"] if entry["name"] != "mongod"]
    lines = [line for name in names for line in platform.log(name).splitlines()]
    return {line for line in lines if '"level": "error"' in line}


@pytest.mark.parametrize("name", ENDING_THE_SESSION)
def test_what_ends_the_session_ends_it_and_is_answered_as_the_document_says(
    meet: Callable[[], Person], name: str
) -> None:
    person = meet()
    operation = next(item for item in gateway_endpoints() if item.id == name)
    body = {"current_password": person.password, "new_password": "entirely-another-1"}
    credentials = {"Cookie": person.cookie, "X-CSRF-Token": person.csrf}
    case = described(operation).Case(
        **({} if operation.body is None else {"body": body, "media_type": "application/json"})
    )

    answer = case.call(base_url=person.base_url, headers=credentials)

    case.validate_response(answer, checks=CHECKS)
    assert answer.status_code == int(next(iter(operation.definition["responses"])))
    assert (
        requests.get(
            f"{person.base_url}{PREFIX}/auth/session", headers=credentials, timeout=10
        ).status_code
        == 401
    )
