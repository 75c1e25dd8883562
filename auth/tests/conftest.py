from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymongo import MongoClient
from werkzeug.test import TestResponse

from ct_auth.adapters.hashing import Argon2Hasher
from ct_auth.bootstrap import bootstrap
from ct_auth.settings import AuthSettings
from ct_kit.testing import Identities

PASSWORD = "vexed otter quietly moved"


@dataclass
class StepClock:
    """A clock that moves when told."""

    now: datetime = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@dataclass
class Auth:
    """A running auth in this process, called as the gateway calls it."""

    client: FlaskClient
    identities: Identities
    clock: StepClock

    def call(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        session: str | None = None,
        address: str = "198.51.100.1",
        caller: str = "gateway",
        user: str | None = None,
    ) -> TestResponse:
        headers = self.identities.headers(caller, "auth", user)
        headers |= {"X-CT-Client-Address": address, "User-Agent": "Tests/1"}
        if session is not None:
            headers["X-CT-Session"] = session
        return self.client.open(path, method=method, json=json, headers=headers)

    def register(self, email: str = "ada@example.org", **where: Any) -> dict[str, Any]:
        body = {"email": email, "password": PASSWORD}
        answer = self.call("POST", "/v1/auth/register", body, **where)
        assert answer.status_code == 201, answer.text
        return answer.json

    def login(
        self,
        email: str = "ada@example.org",
        password: str = PASSWORD,
        totp: str | None = None,
        **where: Any,
    ) -> TestResponse:
        body = {"email": email, "password": password, **({"totp": totp} if totp else {})}
        return self.call("POST", "/v1/auth/login", body, **where)

    def introspect(self, session: str) -> TestResponse:
        return self.call("POST", "/v1/sessions/introspect", session=session)


@pytest.fixture
def clock() -> StepClock:
    return StepClock()


@pytest.fixture
def settings(mongo_uri: str, mongo_prefix: str, identities: Identities) -> AuthSettings:
    return AuthSettings(
        mongodb_uri=mongo_uri,
        mongodb_prefix=mongo_prefix,
        identity_key_file=identities.key_file("auth"),
        identity_trust_dir=identities.trust_dir,
    )


@pytest.fixture(scope="session")
def hasher() -> Argon2Hasher:
    """The real algorithm at a cost that lets a test make hundreds of guesses."""
    return Argon2Hasher(memory_kib=64, passes=1, at_once=4)


@pytest.fixture
def start(
    identities: Identities, hasher: Argon2Hasher, clock: StepClock
) -> Iterator[Callable[..., Auth]]:
    clients = []

    def run(settings: AuthSettings, **overrides: Any) -> Auth:
        app = bootstrap(settings, **{"hasher": hasher, "clock": clock, **overrides})
        clients.append(app.extensions["ct_auth.client"])
        return Auth(app.test_client(), identities, clock)

    yield run
    for client in clients:
        client.close()


@pytest.fixture
def auth(settings: AuthSettings, start: Callable[..., Auth]) -> Auth:
    return start(settings)


@pytest.fixture
def raw(settings: AuthSettings, auth: Auth) -> Iterator[Any]:
    """The database as a thief sees it."""
    with MongoClient(settings.mongodb_uri.get_secret_value(), tz_aware=True) as client:
        yield client[f"{settings.mongodb_prefix}auth"]


@pytest.fixture
def password() -> str:
    return PASSWORD
