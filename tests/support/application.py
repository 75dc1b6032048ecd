"""The application under test, its transaction and its clock."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask, current_app, has_request_context
from flask.testing import FlaskClient
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session

from relief.app import create_app
from relief.core.config import Config
from relief.core.database_roles import DatabaseRole
from relief.core.db import db
from relief.core.privacy.cipher import Cipher
from tests.support import leaks
from tests.support.database import ACCOUNTS
from tests.support.settings import FakeClock, make_config

# Of an application's name: the account that its requests use.
ACCOUNT_OF = {"relief": DatabaseRole.WEB, "miniprogram_api": DatabaseRole.MINI}
_FORGET = (
    "SELECT set_config('role', 'none', true), set_config('relief.viewer', '', true),"
    " set_config('relief.regions', '', true), set_config('relief.department', '', true),"
    " set_config('relief.presented', '', true)"
)
_HOUSEKEEPING = ("SAVEPOINT", "RELEASE", "ROLLBACK", "SET LOCAL ROLE", _FORGET)


@event.listens_for(Session, "after_begin")
def _as_its_account(_session: Session, transaction: Any, connection: Connection) -> None:
    """Let a request of a test have the rights of its process's account, and row security."""
    if not transaction.nested and has_request_context() and current_app.name in ACCOUNT_OF:
        connection.exec_driver_sql(f"SET LOCAL ROLE {ACCOUNTS}_{ACCOUNT_OF[current_app.name]}")


class Client(FlaskClient):
    """Gives the test its own rights back after each request on the connection that they share."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().open(*args, **kwargs)
        finally:
            with self.application.app_context():
                if isinstance(shared := db.engines[None], Connection):
                    shared.exec_driver_sql(_FORGET)


@pytest.fixture(scope="session")
def config(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """The settings of the application under test."""
    return make_config(database_url, tmp_path_factory.mktemp("storage"))


@pytest.fixture(scope="session")
def app(config: Config) -> Iterator[Flask]:
    """The application, one a process. A pushed context is `session`'s business."""
    app = leaks.watch(create_app(config, FakeClock()))
    app.testing = True
    app.test_client_class = Client
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def clock(app: Flask) -> FakeClock:
    """The application's clock, set back to Monday morning."""
    fake = FakeClock()
    app.extensions["relief.clock"] = fake
    return fake


@pytest.fixture
def cipher(app: Flask) -> Cipher:
    """The application's cipher."""
    cipher: Cipher = app.extensions["relief.cipher"]
    return cipher


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """One connection in one transaction, undone at the end of the test.

    A request made by `client` works on the same connection in a savepoint of its own: commit
    what the test prepared (`session.commit()`) before the request, or it may be undone with it.
    """
    with app.app_context():
        engine = db.engine
        with engine.connect() as connection:
            outer = connection.begin()
            db.engines[None] = connection  # type: ignore[assignment]
            db.session.configure(join_transaction_mode="create_savepoint")
            try:
                yield db.session()
            finally:
                try:
                    _check_tables(connection)
                finally:
                    db.session.remove()
                    outer.rollback()
                    db.engines[None] = engine


def _check_tables(connection: Connection) -> None:
    """Look for personal data in what the test wrote; it is undone and never dumped."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    if raw.info.transaction_status is TransactionStatus.INTRANS:
        leaks.check_transaction(raw, "the test's transaction")


@pytest.fixture
def without_row_security(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let requests of this test pass the database's second line, to try the first alone."""
    monkeypatch.setattr(sys.modules[__name__], "ACCOUNT_OF", {})


@pytest.fixture
def client(app: Flask, session: Session, clock: FakeClock) -> FlaskClient:
    """A browser that nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def assert_queries(session: Session) -> Callable[[int], AbstractContextManager[list[str]]]:
    """`with assert_queries(3):` fails unless the block sends exactly three statements."""

    @contextmanager
    def expect(count: int) -> Iterator[list[str]]:
        sent: list[str] = []

        def note(_connection, _cursor, statement, *_rest) -> None:
            if not statement.startswith(_HOUSEKEEPING):
                sent.append(statement)

        connection = session.connection()
        event.listen(connection, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(connection, "before_cursor_execute", note)
        assert len(sent) == count, f"expected {count}, sent {len(sent)}:\n" + "\n---\n".join(sent)

    return expect


@pytest.fixture
def build_app(tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """`build_app(url)`: one more application, whose connections are closed after the test."""
    built: list[Flask] = []

    def build(url: str, factory: Callable[..., Flask] = create_app) -> Flask:
        app = leaks.watch(factory(make_config(url, tmp_path / "storage"), FakeClock()))
        app.testing = True
        app.test_client_class = Client
        built.append(app)
        return app

    yield build
    for app in built:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def spare_app(spare_database_url: str, build_app: Callable[..., Flask]) -> Flask:
    """An application on a database of its own, for tests that commit or run several threads."""
    return build_app(spare_database_url)
