"""Files in step with the end of their transaction, also where nobody knows how it ended."""

import io
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from relief.attachments import service
from relief.attachments.models import StoredFile
from relief.attachments.strays import LEFT_AFTER, remove_strays
from relief.core.clock import system_clock
from relief.core.config import normalise_url
from relief.core.db import session_on
from tests.support.settings import START as NOW
from tests.support.settings import cipher_with

LATER = system_clock() + 2 * LEFT_AFTER  # files have the real time


class DyingConnection(psycopg.Connection):
    """A connection that dies when the server has committed, before its answer is here."""

    def commit(self):
        super().commit()
        self.close()
        raise psycopg.OperationalError("server closed the connection unexpectedly")


class DeadConnection(psycopg.Connection):
    """A connection that dies before the COMMIT reaches the server."""

    def commit(self):
        self.close()
        super().commit()


def keep(session, storage):
    return service.store(
        session,
        io.BytesIO(b"kept"),
        name="a.csv",
        media_type="text/csv",
        purpose="import",
        actor_id=None,
        cipher=cipher_with(),
        storage=storage,
        now=NOW,
        limit=100,
    )


def work(url, act, connection=psycopg.Connection):
    """Do something in one transaction on a connection of a kind."""
    address = normalise_url(url).replace("+psycopg", "")
    engine = create_engine(normalise_url(url), creator=lambda: connection.connect(address))
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            return act(session)
    finally:
        engine.dispose()


def test_a_file_whose_row_did_commit_stays_when_the_answer_is_lost(spare_database_url, tmp_path):
    with pytest.raises(OperationalError):
        work(spare_database_url, lambda session: keep(session, tmp_path), DyingConnection)

    with session_on(spare_database_url) as session:
        [stored] = session.scalars(select(StoredFile)).all()
        assert remove_strays(session, storage=tmp_path, now=LATER) == 0
    assert service.path_of(tmp_path, stored.id).is_file()


def test_a_discarded_file_whose_commit_is_not_known_is_left_to_the_clean_up(
    spare_database_url, tmp_path
):
    stored = work(spare_database_url, lambda session: keep(session, tmp_path))
    path = service.path_of(tmp_path, stored.id)

    def discard(session):
        service.discard(session, session.get(StoredFile, stored.id), storage=tmp_path)

    with pytest.raises(OperationalError):
        work(spare_database_url, discard, DeadConnection)
    assert path.is_file()
    with session_on(spare_database_url) as session:
        assert remove_strays(session, storage=tmp_path, now=LATER) == 0

    with pytest.raises(OperationalError):
        work(spare_database_url, discard, DyingConnection)
    assert path.is_file()
    with session_on(spare_database_url) as session:
        assert remove_strays(session, storage=tmp_path, now=LATER) == 1
    assert not path.exists()


def test_a_file_of_a_transaction_that_fails_when_it_is_written_goes_at_once(
    spare_database_url, tmp_path
):
    def fail(session):
        stored = keep(session, tmp_path)
        session.add(
            StoredFile(
                **{name: getattr(stored, name) for name in StoredFile.__table__.columns.keys()}  # noqa: SIM118  # no mapping
                | {"id": stored.id, "created_at": NOW + timedelta(days=1)}
            )
        )
        session.expunge(stored)

    with pytest.raises(IntegrityError):
        work(spare_database_url, fail)

    assert not list(tmp_path.glob("files/*/*"))
