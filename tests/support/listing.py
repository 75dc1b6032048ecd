"""For tests of signed lists: staff, cases that wait for their decision, and the worker."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.accounts.types import Role
from relief.jobs.process import unit_of_work_of
from relief.review import service, stages
from relief.review.facts import acts as facts
from relief.review.lists import queries
from relief.review.lists import service as lists
from relief.review.lists.queries import EntryRow, ListRow
from relief.review.models import Case, CaseStage
from relief.review.types import Outcome, StageStatus
from relief.schemes.types import StageKind
from relief.tasks import worker as tasks
from relief.wiring import worker_of
from tests import factories
from tests.support.applicants import BORN, CERTIFIED
from tests.support.people import CITY
from tests.support.settings import CIPHER, FakeClock

AMOUNT = 90_00  # of S09 and of S11
REASON = "符合条件，同意救助"


@dataclass
class Town:
    """Staff of the whole city, one account for each department and role."""

    app: Flask
    opened: Callable[[], AbstractContextManager[Session]]
    actors: dict[tuple[str, Role], Actor] = field(default_factory=dict)

    @property
    def clock(self) -> FakeClock:
        return self.app.extensions["relief.clock"]

    def actor(self, role: Role = Role.APPROVER, department: str = "D01") -> Actor:
        if (department, role) not in self.actors:
            self.actors[department, role] = self.newcomer(role, department)
        return self.actors[department, role]

    def newcomer(self, role: Role = Role.APPROVER, department: str = "D01") -> Actor:
        with self.opened() as session:
            account = factories.make_account(session, role, department=department, region=CITY)
            return factories.actor_of(account, role)

    def home(self, scheme: str = "S09") -> uuid.UUID:
        """Someone of the right age, of whom no check has anything to say."""
        with self.opened() as session:
            return factories.make_household(
                session, CIPHER, schemes=("S14",), marital="10",
                born_on=BORN.get(scheme, BORN[""]),
            ).person_id  # fmt: skip

    def applied(self, scheme: str = "S09", person: uuid.UUID | None = None) -> uuid.UUID:
        """A case that waits to be accepted."""
        clerk, person = self.actor(Role.CLERK), person or self.home(scheme)
        with self.opened() as session:
            return service.submit(
                session, actor=clerk, person_id=person, scheme_code=scheme, need="家庭困难",
                now=self.clock(),
            )  # fmt: skip

    def waiting(self, count: int = 1, scheme: str = "S09", **given) -> list[uuid.UUID]:
        """Cases that wait for the decision."""
        made = [self.applied(scheme, **given) for _ in range(count)]
        for case_id in made:
            if scheme == "S09":
                self.certify(case_id)
            self.go_on(case_id)
        return made

    def certify(self, case_id: uuid.UUID) -> None:
        """Find out what the rule of S09 asks for."""
        found = [facts.Found(**one) for one in CERTIFIED]
        with self.opened() as session:
            facts.find_out(
                session, actor=self.actor(Role.CLERK), case_id=case_id, found=found,
                now=self.clock(),
            )  # fmt: skip

    def go_on(
        self,
        case_id: uuid.UUID,
        *,
        but: str = "",
        instead: Actor | None = None,
        objection: str | None = None,
    ) -> uuid.UUID:
        """End what comes before the decision; `but`: that stage stays open.

        `instead` ends what waits for the reviewers of their department, as one or for whom they
        stand in; with `objection` the last department to give its opinion objects.
        """
        while rows := [row for row in self._open(case_id) if row.code != but]:
            row = rows[0]
            actor = self.actor(row.role, row.department_code)
            if instead and (row.role, row.department_code) == (
                Role.REVIEWER,
                instead.department_code,
            ):
                own = frozenset() if instead.acts_for else frozenset({Role.REVIEWER})
                actor = replace(instead, roles=own)
            objects = objection is not None and row.department_code == "D13"
            with self.opened() as session:
                service.end_stage(
                    session, actor=actor, case_id=case_id, code=row.code,
                    outcome=Outcome.OBJECTED if objects else Outcome.PASSED,
                    opinion=objection if objects else None, now=self.clock(),
                )  # fmt: skip
        return case_id

    def _open(self, case_id: uuid.UUID) -> list[CaseStage]:
        with self.opened() as session:
            rows = session.scalars(
                select(CaseStage)
                .where(
                    CaseStage.case_id == case_id,
                    CaseStage.status == StageStatus.OPEN,
                    CaseStage.kind != StageKind.CONFIRMATION,
                )
                .order_by(CaseStage.position, CaseStage.department_code)
            ).all()
            case = session.get_one(Case, case_id)
            way = stages.way_of(session, case, actor_id=None, now=self.clock())
            everything = stages.rows_of(way)
            return [
                row for row in rows if not stages.missing_before(way.plan, everything, row.code)
            ]

    def draw(self, signer: Actor | None = None, **given) -> uuid.UUID:
        told = {
            "scheme_code": "S09", "region": None, "amount_fen": AMOUNT, "reason": REASON,
            "now": self.clock(),
        }  # fmt: skip
        signer = signer or self.actor()
        with self.opened() as session:
            return lists.draw(session, actor=signer, **told | given)

    def sign(self, list_id: uuid.UUID, signer: Actor | None = None) -> None:
        self.act(lists.sign, list_id, signer, digest=self.told(list_id, signer).digest)

    def act(self, what, list_id: uuid.UUID, signer: Actor | None = None, **given) -> None:
        signer = signer or self.actor()
        with self.opened() as session:
            what(session, actor=signer, list_id=list_id, now=self.clock(), **given)

    def told(self, list_id: uuid.UUID, signer: Actor | None = None) -> ListRow:
        account = (signer or self.actor()).id
        with self.opened() as session:
            return queries.get_list(session, account_id=account, list_id=list_id)

    def entries(self, list_id: uuid.UUID, signer: Actor | None = None) -> list[EntryRow]:
        account = (signer or self.actor()).id
        with self.opened() as session:
            return queries.entries(
                session, account_id=account, list_id=list_id, limit=200, cursor=None
            ).items

    def report(self, list_id: uuid.UUID, signer: Actor | None = None):
        """What became of each case: case → status and reason."""
        return {
            one.case_id: (one.status.value, one.reason.value if one.reason else None)
            for one in self.entries(list_id, signer)
        }

    def work(self) -> bool:
        """Let the worker do one task; what the test prepared is there for it."""
        with self.opened():
            pass
        return tasks.run_one(worker_of(self.app))

    def decided(self, signer: Actor | None = None, **given) -> uuid.UUID:
        """Draw, sign and work; return the list."""
        list_id = self.draw(signer, **given)
        self.sign(list_id, signer)
        assert self.work()
        return list_id


@pytest.fixture
def town(app: Flask, session: Session, clock: FakeClock) -> Town:
    """A town in a transaction that is undone."""

    @contextmanager
    def opened() -> Iterator[Session]:
        session.expire_all()  # the worker has a session of its own
        yield session
        session.commit()

    return Town(app, opened)


@pytest.fixture
def spare_town(spare_app: Flask) -> Town:
    """A town with a database of its own."""
    return Town(spare_app, unit_of_work_of(spare_app))
