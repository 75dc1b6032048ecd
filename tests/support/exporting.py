"""For tests of exports: a database of one's own, an asker, the worker, and what is in a file."""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest
import python_calamine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relief.accounts import identity, sign_in
from relief.accounts.identity import Actor
from relief.core.privacy.cipher import Cipher
from relief.jobs.process import unit_of_work_of
from relief.registry.exports import queries, service
from relief.registry.models import Export
from relief.registry.queries import HouseholdFilter
from relief.registry.types import ExportForm
from relief.tasks import worker as tasks
from relief.wiring import worker_of
from tests.factories import Home, make_household
from tests.support.people import Person
from tests.support.settings import FakeClock

WEST_VILLAGE, NEXT_VILLAGE = 210303001001, 210302003001


@dataclass
class Desk:
    """An application with its worker, and who asks."""

    app: Flask

    @property
    def opened(self) -> Callable[[], AbstractContextManager[Session]]:
        return unit_of_work_of(self.app)

    @property
    def cipher(self) -> Cipher:
        return self.app.extensions["relief.cipher"]

    @property
    def clock(self) -> FakeClock:
        return self.app.extensions["relief.clock"]

    @property
    def storage(self) -> Path:
        return self.app.extensions["relief.config"].storage_dir

    def sign_in(self, person: Person) -> str:
        with self.opened() as session:
            return sign_in.sign_in(
                session, username=person.username, password=person.password,
                kind=sign_in.BEARER, address="127.0.0.1", user_agent="tests",
                cipher=self.cipher, now=self.clock(),
            ).token  # fmt: skip

    def actor(self, person: Person) -> Actor:
        token = self.sign_in(person)
        with self.opened() as session:
            found = identity.look_up(session, token, kind=sign_in.BEARER, now=self.clock())
        assert found is not None
        return found

    def client(self, person: Person) -> FlaskClient:
        client = self.app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {self.sign_in(person)}"
        return client

    def ask(self, asker: Actor, form=ExportForm.CSV, purpose="recheck", remark=None, **wanted):
        with self.opened() as session:
            return service.ask(
                session, self.cipher, asker=asker, filters=HouseholdFilter(**wanted), form=form,
                purpose=purpose, remark=remark,
                rules=self.app.extensions["relief.config"].exports, now=self.clock(),
            )  # fmt: skip

    def work(self) -> bool:
        return tasks.run_one(worker_of(self.app))

    def told(self, export_id, asker: Actor) -> queries.ExportRow:
        with self.opened() as session:
            return queries.get_export(
                session, export_id=export_id, account_id=asker.id, now=self.clock()
            )

    def fetch(self, export_id, asker: Actor) -> bytes:
        with self.opened() as session:
            found = service.fetch(
                session, self.cipher, export_id=export_id, asker=asker, storage=self.storage,
                now=self.clock(),
            )  # fmt: skip
        content = b"".join(found.pieces)
        assert len(content) == found.size
        return content

    def rows(self, asker: Actor, **wanted) -> list[list[str]]:
        """Ask, make, fetch, and return the lines below the headings."""
        export_id = self.ask(asker, **wanted)
        assert self.work()
        return lines(self.fetch(export_id, asker))[2:]

    def files(self) -> list[Path]:
        return [path for path in (self.storage / "files").glob("*/*") if path.is_file()]

    def made(self) -> int:
        with self.opened() as session:
            return session.scalar(
                select(func.count()).select_from(Export).where(Export.file_id.is_not(None))
            )


def lines(content: bytes) -> list[list[str]]:
    """Return the lines of a CSV file."""
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def sheets(content: bytes) -> Iterator[list[list[object]]]:
    """Yield the rows of each sheet of a workbook."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    for name in book.sheet_names:
        yield book.get_sheet_by_name(name).to_python()


@pytest.fixture
def desk(spare_app: Flask) -> Desk:
    """A desk with a database of its own."""
    return Desk(spare_app)


@pytest.fixture
def four_homes(desk: Desk) -> list[Home]:
    """Three households of 铁东区, of which housing serves one, and one of 铁西区."""
    with desk.opened() as session:
        return [
            make_household(session, desk.cipher, name="王小明", schemes=("S01", "S21")),
            make_household(session, desk.cipher, name="李秀英", region=NEXT_VILLAGE),
            make_household(session, desk.cipher, name="单乐", address=None),
            make_household(session, desk.cipher, name="王小红", region=WEST_VILLAGE),
        ]
