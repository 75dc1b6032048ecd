"""A registry whose files are merged one by one, and what it says of a day."""

from datetime import date, datetime

import pytest
from sqlalchemy import select

from relief.core.clock import CHINA
from relief.core.scope import Scope, subtree
from relief.registry.merging.service import merge
from relief.registry.models import Household, ImportBatch, Person
from relief.registry.queries import as_of
from tests.support.settings import CIPHER
from tests.support.source import number, send, undo

CITY, EAST, WEST = 210300000000, 210302000000, 210303000000
WEST_VILLAGE = 210303002001
ALL = Scope((subtree(CITY),), None)
BORN, CHILD_BORN = date(1980, 3, 4), date(2024, 6, 7)
FIRST, SECOND, THIRD, FOURTH = (
    datetime(2026, month, 10, 9, 0, tzinfo=CHINA) for month in (6, 7, 8, 9)
)
TODAY = datetime(2026, 11, 23, 9, 0, tzinfo=CHINA)
FATHER = {"name": "王建国", "number": number(BORN, 1), "relation": "02", "household_number": "1"}
MOTHER = {"name": "李秀英", "number": number(BORN, 2), "relation": "10", "household_number": "1"}
CHILD = {"name": "王小宝", "number": number(CHILD_BORN, 3), "relation": "20"}


def months(year, *given):
    return [(date(year, month, 1), 100_00) for month in given]


@pytest.fixture
def registry(session, cipher):
    """`registry.send(when, "S01", row, …)` loads a file and merges at that moment."""

    class Registry:
        def send(self, when, scheme, *rows):
            batch = send(session, cipher, scheme, *rows, now=when)
            self.merge(when)
            return batch

        def take_back(self, when, batch):
            undo(session, batch)
            session.get_one(ImportBatch, batch).undone_at = when
            self.merge(when)

        def merge(self, when):
            merge(session, cipher=CIPHER, actor_id=None, now=when)
            session.flush()
            session.expire_all()

        def household(self, householder="王建国"):
            return session.scalars(
                select(Household.id).where(Household.householder_name == householder)
            ).one()

        def person(self, name):
            return session.scalars(select(Person.id).where(Person.name == name)).one()

    return Registry()


def home_as_of(session, household_id, *, believed=None, true=None, scope=ALL):
    days = as_of.asked(believed_on=believed, true_on=true, now=TODAY)
    return as_of.household_as_of(session, scope=scope, household_id=household_id, days=days)


def person_as_of(session, person_id, *, believed=None, true=None, scope=ALL):
    days = as_of.asked(believed_on=believed, true_on=true, now=TODAY)
    return as_of.person_as_of(session, scope=scope, person_id=person_id, days=days)


def names(view):
    return [member.name for member in view.members]


def places(view):
    return [(place.person_name, place.scheme.code) for place in view.enrolments]
