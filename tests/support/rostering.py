"""For tests of acts that enter a roster: families that are confirmed, and the worker."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor, scope_of
from relief.accounts.permissions import permissions_of
from relief.accounts.types import Role
from relief.jobs.process import unit_of_work_of
from relief.registry.models import Enrolment, ImportBatch
from relief.review.models import Case
from relief.review.rostering import queries, service
from relief.review.rostering.queries import ActRow, PlaceRow
from tests import factories
from tests.factories import Home
from tests.support.confirming import LAST, SINCE, UNTIL
from tests.support.listing import Town
from tests.support.people import CITY
from tests.support.settings import CIPHER, START

SCHEME = "S13"
NEED = "冬季取暖"
COPIES = (
    (
        "CREATE TEMP TABLE made ON COMMIT DROP AS"
        " SELECT n, uuidv7() AS person, uuidv7() AS home FROM generate_series(1, :count) n"
    ),
    (
        "INSERT INTO person SELECT (jsonb_populate_record(p, jsonb_build_object('id', m.person,"
        " 'citizen_id', NULL, 'phone', NULL, 'account', NULL, 'health', NULL))).*"
        " FROM person p, made m WHERE p.id = :person"
    ),
    (
        "INSERT INTO household SELECT (jsonb_populate_record(h, jsonb_build_object('id', m.home,"
        " 'householder_id', m.person, 'number', 'C-' || right(m.home::text, 12), 'phone', NULL))).*"
        " FROM household h, made m WHERE h.id = :home"
    ),
    (
        "INSERT INTO membership SELECT (jsonb_populate_record(o, jsonb_build_object("
        "'person_id', m.person, 'household_id', m.home))).* FROM membership o, made m"
        " WHERE o.person_id = :person"
    ),
    (
        "INSERT INTO enrolment SELECT (jsonb_populate_record(e, jsonb_build_object('id', uuidv7(),"
        " 'person_id', m.person, 'household_id', m.home))).* FROM enrolment e, made m"
        " WHERE e.person_id = :person"
    ),
)


@dataclass
class RosterTown(Town):
    """A town whose departments' lists confirm families as on the minimum living allowance."""

    def newcomer(self, role: Role = Role.APPROVER, department: str = "D01") -> Actor:
        """Somebody with the rights and the scope that a session of theirs would have."""
        with self.opened() as session:
            account = factories.make_account(session, role, department=department, region=CITY)
            return replace(
                factories.actor_of(account, role),
                permissions=permissions_of({role}),
                scope=scope_of(session, account),
            )

    def confirmed(self, count: int = 1, **given) -> list[Home]:
        """Families on the newest list of S01, who have nothing else."""
        homes = []
        with self.opened() as session:
            for _ in range(count):
                home = factories.make_household(
                    session, CIPHER, **{"schemes": ("S01",), "marital": "10"} | given
                )
                _listed(session, home)
                homes.append(home)
        return homes

    def copies(self, home: Home, count: int) -> None:
        """Many more families just like one."""
        told = {"person": home.person_id, "home": home.id}
        with self.opened() as session:
            for statement in COPIES:
                session.execute(text(statement.replace(":count", str(count))), told)

    def clerk(self) -> Actor:
        return self.actor(Role.CLERK)

    def begin(self, clerk: Actor | None = None, **given) -> uuid.UUID:
        told = {"scheme_code": SCHEME, "need": NEED, "now": self.clock()} | given
        with self.opened() as session:
            return service.begin(session, actor=clerk or self.clerk(), **told)

    def resume(self, act_id: uuid.UUID, clerk: Actor | None = None) -> None:
        with self.opened() as session:
            service.resume(session, actor=clerk or self.clerk(), act_id=act_id, now=self.clock())

    def entered(self, clerk: Actor | None = None, **given) -> uuid.UUID:
        """Begin and work; return the act."""
        act_id = self.begin(clerk, **given)
        assert self.work()
        return act_id

    def act(self, act_id: uuid.UUID, clerk: Actor | None = None) -> ActRow:  # type: ignore[override]
        with self.opened() as session:
            return queries.get_act(session, account_id=(clerk or self.clerk()).id, act_id=act_id)

    def places(self, act_id: uuid.UUID, clerk: Actor | None = None) -> Sequence[PlaceRow]:
        with self.opened() as session:
            return queries.places(
                session, account_id=(clerk or self.clerk()).id, act_id=act_id, limit=5000,
                cursor=None,
            ).items  # fmt: skip

    def became(self, act_id: uuid.UUID, clerk: Actor | None = None):
        """What became of each: person → status and reason."""
        return {
            one.person_id: (one.status.value, one.reason.value if one.reason else None)
            for one in self.places(act_id, clerk)
        }

    def cases(self, scheme: str = SCHEME) -> list[Case]:
        with self.opened() as session:
            return list(
                session.scalars(
                    select(Case).where(Case.scheme_code == scheme).order_by(Case.number)
                )
            )


def _listed(session: Session, home: Home) -> None:
    session.execute(
        update(ImportBatch)
        .where(ImportBatch.id == home.batches["S01"])
        .values(merged_at=START - timedelta(days=1), data_on=LAST)
    )
    session.execute(
        update(Enrolment)
        .where(Enrolment.person_id == home.person_id, Enrolment.scheme_code == "S01")
        .values(last_on=LAST, spells=[Range(SINCE, UNTIL)])
    )


@pytest.fixture
def roster(town: Town) -> RosterTown:
    """A town in a transaction that is undone."""
    return RosterTown(town.app, town.opened)


@pytest.fixture
def spare_roster(spare_app: Flask) -> RosterTown:
    """A town with a database of its own."""
    opened: Callable = unit_of_work_of(spare_app)
    return RosterTown(spare_app, opened)
