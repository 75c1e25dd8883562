"""What belongs to one person does not exist for another, whichever operation asks."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import ROUND_DOWN, Decimal
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from ct_kit.testing import eventually_sync
from ct_local.testing_api import PREFIX, Endpoint, Person, gateway_endpoints

pytestmark = pytest.mark.platform

TRAINED_WITHIN_S = 150
OWNED_CHANNELS = ["orders", "fills", "bots", "jobs", "alerts"]
# What a body needs beyond its required fields for the id in it to be looked at.
LOOKED_AT = {
    "OrderRequest": {"quantity": "0.001"},
    "HaltRequest": {"scope": "bot"},
    "ResumeRequest": {"scope": "bot"},
}


def open_account(owner: Person) -> str:
    account = {"label": "Savings", "balances": {"USDT": "10000"}}
    return str(owner.post("/accounts/paper", account)["id"])


def buy(owner: Person, account_id: str, **terms: str) -> str:
    order = {"account_id": account_id, "symbol": "BTC-USDT", "side": "buy", **terms}
    return str(owner.post("/orders", order)["id"])


class Estate:
    """One of everything a person can have."""

    def __init__(self, owner: Person) -> None:
        self.owner = owner
        training = {"symbol": "BTC-USDT", "interval": "1h", "candles": 1_500, "folds": 3}
        self.training_id = owner.post("/trainings", training)["job_id"]
        self.account_id = open_account(owner)
        key = {"venue": "binance", "label": "Mine", "api_key": "a" * 64, "api_secret": "s" * 64}
        self.key_id = owner.post("/keys", key)["id"]
        self.filled_id = buy(owner, self.account_id, quote_quantity="100", type="market")
        self.resting_id = buy(
            owner, self.account_id, quantity="0.001", type="limit", price=self._far_below()
        )
        bot = {
            "label": "Grid",
            "strategy": "grid",
            "account_id": self.account_id,
            "symbol": "BTC-USDT",
            "interval": "1m",
            "budget": "200",
        }
        self.bot_id = owner.post("/bots", bot)["id"]
        self.session_id = owner.get("/auth/session")["session_ref"]
        self.model_id = eventually_sync(self._trained_model, timeout_s=TRAINED_WITHIN_S)

    @property
    def by_collection(self) -> dict[str, str]:
        """Where each thing is listed, and its id."""
        return {
            "/auth/sessions": self.session_id,
            "/keys": self.key_id,
            "/accounts": self.account_id,
            "/orders": self.resting_id,
            "/bots": self.bot_id,
            "/jobs": self.training_id,
            "/models": self.model_id,
        }

    @property
    def by_field(self) -> dict[str, str]:
        """Ids by the name that a query or a body gives them."""
        return {
            "account_id": self.account_id,
            "bot_id": self.bot_id,
            "order_id": self.filled_id,
        }

    @property
    def traces(self) -> set[str]:
        """Everything whose appearance elsewhere would give the owner away."""
        ids = {*self.by_collection.values(), *self.by_field.values()}
        return {*ids, self.owner.id, self.owner.email}

    def as_the_owner_sees_it(self) -> dict[str, Any]:
        """Return what others might have changed, without what moves by itself."""
        job = self.owner.get(f"/jobs/{self.training_id}")
        return {
            "account": self.owner.get("/accounts")["items"],
            "order": self.owner.get(f"/orders/{self.resting_id}"),
            "bot": self.owner.get(f"/bots/{self.bot_id}"),
            "job": (job["state"], job["result"]),
            "models": self.owner.get("/models"),
            "keys": self.owner.get("/keys"),
            "sessions": [item["id"] for item in self.owner.get("/auth/sessions")["items"]],
            "risk": self.owner.get("/risk/limits"),
        }

    def _far_below(self) -> str:
        last = Decimal(self.owner.get("/markets/BTC-USDT")["ticker"]["last"])
        return str((last * Decimal("0.95")).quantize(Decimal(1), ROUND_DOWN))

    def _trained_model(self) -> str | None:
        job = self.owner.get(f"/jobs/{self.training_id}")
        assert job["state"] not in {"failed", "cancelled"}, job
        return job["result"]["model_id"] if job["result"] else None


@pytest.fixture(scope="module")
def alice(meet: Callable[[], Person]) -> Estate:
    return Estate(meet())


@pytest.fixture(scope="module")
def bob(meet: Callable[[], Person]) -> Person:
    return meet()


def unknown(known: str) -> str:
    """Return an id of the same kind that nobody has."""
    return known[:-1] + ("0" if known[-1] != "0" else "1")


def refusal(answer: httpx.Response) -> tuple[int, dict[str, Any]]:
    """Return status and body without what is each request's own."""
    body = answer.json()
    del body["request_id"]
    return answer.status_code, body


def test_what_another_has_answers_as_if_it_did_not_exist(
    alice: Estate, bob: Person, operation_with_id: Endpoint
) -> None:
    collection = operation_with_id.path.partition("/{id}")[0]
    hers = alice.by_collection[collection]
    body = operation_with_id.sample_body()
    before = alice.as_the_owner_sees_it()

    answers = [
        bob.call(operation_with_id.method, operation_with_id.address(id=id_), json=body)
        for id_ in (hers, unknown(hers))
    ]

    assert answers[0].status_code == 404, answers[0].text
    assert refusal(answers[0]) == refusal(answers[1])
    assert set(answers[0].headers) == set(answers[1].headers)
    assert alice.as_the_owner_sees_it() == before


def test_no_list_shows_what_another_has(
    alice: Estate, bob: Person, reading_operation: Endpoint
) -> None:
    required = {p["name"]: "2026" for p in reading_operation.parameters("query") if p["required"]}
    answer = bob.call("GET", reading_operation.path, params=required)
    assert answer.status_code == 200, answer.text
    assert not [trace for trace in alice.traces if trace in answer.text]
    if reading_operation.path in alice.by_collection:
        # and the owner finds it there, so that an empty list proves nothing wrong
        own = alice.owner.call("GET", reading_operation.path)
        assert alice.by_collection[reading_operation.path] in own.text


def _naming_an_id(place: Callable[[Endpoint], list[str]]) -> list[Any]:
    return [
        pytest.param(operation, name, id=f"{operation.id}-{name}")
        for operation in gateway_endpoints()
        for name in place(operation)
        if name.endswith("_id")
    ]


@pytest.mark.parametrize(
    ("call", "name"),
    _naming_an_id(lambda operation: [p["name"] for p in operation.parameters("query")]),
)
def test_a_filter_on_what_another_has_finds_nothing(
    alice: Estate, bob: Person, call: Endpoint, name: str
) -> None:
    hers = alice.by_field[name]
    answers = [bob.call("GET", call.path, params={name: id_}) for id_ in (hers, unknown(hers))]
    assert answers[0].status_code == answers[1].status_code == 200
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["items"] == []


@pytest.mark.parametrize(
    ("call", "name"),
    _naming_an_id(lambda operation: list((operation.body or {}).get("properties", ()))),
)
def test_a_body_naming_what_another_has_is_answered_as_one_naming_nothing(
    alice: Estate, bob: Person, call: Endpoint, name: str
) -> None:
    assert call.body
    hers = alice.by_field[name]
    body = call.sample_body() | LOOKED_AT.get(str(call.body["title"]), {})
    before = alice.as_the_owner_sees_it()

    answers = [
        bob.call(call.method, call.path, json={**body, name: id_}) for id_ in (hers, unknown(hers))
    ]

    assert answers[0].status_code == answers[1].status_code
    if answers[0].is_success:
        # the bridge keeps halts by owner and bot and does not know whose bot it is
        assert call.id in {"halt_trading", "resume_trading"}
    else:
        assert answers[0].status_code in {403, 404, 422}
        assert refusal(answers[0]) == refusal(answers[1])
    assert alice.as_the_owner_sees_it() == before


@contextmanager
def stream(person: Person) -> Iterator[ClientConnection]:
    address = person.base_url.replace("http", "ws", 1) + PREFIX + "/stream"
    with connect(address, additional_headers={"Cookie": person.cookie}) as connection:
        command = {"op": "subscribe", "channels": OWNED_CHANNELS, "cursor": 0}
        connection.send(json.dumps(command))
        yield connection


def read_until(connection: ClientConnection, text: str) -> list[str]:
    """Return what came, up to the first event of the owned channels that holds the text."""
    heard = []
    while not heard or text not in heard[-1]:
        message = connection.recv(timeout=20)
        assert isinstance(message, str)
        heard.append(message)
    return heard


def test_a_stream_carries_only_its_owners_events(alice: Estate, bob: Person) -> None:
    account_id = open_account(bob)
    with stream(alice.owner) as hers, stream(bob) as his:
        her_order = buy(alice.owner, alice.account_id, quote_quantity="50", type="market")
        read_until(hers, her_order)
        alice.owner.post(f"/bots/{alice.bot_id}/start")
        read_until(hers, alice.bot_id)
        alice.owner.post(f"/bots/{alice.bot_id}/stop")
        # hers have all passed the gateway before his order, so his stream had its chance
        his_order = buy(bob, account_id, quote_quantity="50", type="market")
        heard = read_until(his, his_order)

    traces = {*alice.traces, her_order}
    assert not [message for message in heard for trace in traces if trace in message]
