"""Cases that the services themselves bring to where they stand, to be copied many times."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from relief.accounts import service as accounts
from relief.accounts.identity import Actor
from relief.accounts.types import Post, Role
from relief.attachments.media.types import MediaKind
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.core.scope import Scope, subtree
from relief.organisation import queries as organisation
from relief.review import decisions, queries, service
from relief.review.checks.acts import Signed
from relief.review.enclosures.models import CaseEnclosure
from relief.review.rows import CaseDetail, StageRow
from relief.review.surveying.models import CaseSurvey
from relief.review.types import Outcome, StageStatus
from relief.schemes import queries as schemes
from relief.schemes.types import StageKind

# By department, and whether they decide: who decides did nothing in the case before.
Staff = Mapping[tuple[str, bool], Actor]

_ROLES = frozenset({Role.CLERK, Role.REVIEWER, Role.APPROVER})
_NEED = "家庭成员患病，收入减少，生活困难"
_SHEET = "入户调查表"
_REASON = "经审核，情况属实"
_NOTICE = timedelta(days=8)  # a notice that began today is over then, whatever its days
_DECIDING = StageKind.CONFIRMATION
WHOLE_CITY = Scope((subtree(210300000000),), None)


class StuckCase(Exception):
    """What is open in a case waits for stages that nobody can end."""


def make_staff(session: Session, *, password: str, now: datetime) -> Staff:
    """Make two accounts of every department for the whole city: who acts, and who decides."""
    staff = {}
    for department in organisation.departments(session):
        for decides in (False, True):
            name = f"bench-{department.code}-{'2' if decides else '1'}"
            account = accounts.create_account(
                session,
                username=name,
                display_name=f"{department.name}测量用",
                post=Post.OPERATIONS,
                password=password,
                actor_id=None,
                now=now,
                department_code=department.code,
            )
            staff[department.code, decides] = _actor(account.id, name, department.code)
    return staff


def _actor(account_id: uuid.UUID, name: str, department: str) -> Actor:
    return Actor(
        id=account_id,
        username=name,
        display_name=name,
        post=Post.OPERATIONS,
        roles=_ROLES,
        permissions=frozenset(),
        department_code=department,
        department_name=None,
        scope=WHOLE_CITY,
        session_hash=b"",
    )


@dataclass(slots=True)
class Walker:
    """Takes cases through their stages at a time of its own, which goes on with them."""

    session: Session
    staff: Staff
    now: datetime

    def submit(self, person_id: uuid.UUID, scheme: str) -> uuid.UUID:
        """Enter an application at the window of the department that leads the scheme."""
        lead = schemes.get_scheme(self.session, code=scheme).department_code
        return service.submit(
            self.session,
            actor=self.staff[lead, False],
            person_id=person_id,
            scheme_code=scheme,
            need=_NEED,
            authorisations=[Signed(person_id=person_id, signed_on=local_date(self.now))],
            now=self.now,
        )

    def accept(self, case_id: uuid.UUID) -> None:
        """End the acceptance."""
        for stage in self._open(case_id):
            if stage.kind is StageKind.ACCEPTANCE:
                self._end(case_id, stage)

    def go_on(self, case_id: uuid.UUID) -> None:
        """End every stage before the decision; days pass while nothing but a notice is left.

        Raises StuckCase if what is open waits for what is not.
        """
        while waiting := [one for one in self._open(case_id) if one.kind is not _DECIDING]:
            able = [one for one in waiting if not one.waits_for]
            if not able:
                raise StuckCase([one.name for one in waiting])
            at_once = [one for one in able if one.kind is not StageKind.PUBLIC_NOTICE]
            if not at_once:
                self.now += _NOTICE
            for stage in at_once or able:
                self._end(case_id, stage)

    def decide(self, case_id: uuid.UUID, *, amount_fen: int | None) -> None:
        """Grant an amount, or refuse (None), and do what is left to do after it."""
        [stage] = [one for one in self._open(case_id) if one.kind is _DECIDING]
        decisions.decide(
            self.session,
            actor=self.staff[stage.department_code, True],
            case_id=case_id,
            granted=amount_fen is not None,
            amount_fen=amount_fen,
            reason=_REASON,
            departs=_REASON,
            now=self.now,
        )
        for left in self._open(case_id):
            self._end(case_id, left)

    def withdraw(self, case_id: uuid.UUID) -> None:
        """End a case at the applicant's wish."""
        lead = self._detail(case_id).lead
        service.withdraw(
            self.session,
            actor=self.staff[lead, False],
            case_id=case_id,
            reason=_REASON,
            now=self.now,
        )

    def _detail(self, case_id: uuid.UUID) -> CaseDetail:
        return queries.case_detail(
            self.session, scope=WHOLE_CITY, case_id=case_id, on=local_date(self.now)
        )

    def _open(self, case_id: uuid.UUID) -> Sequence[StageRow]:
        detail = self._detail(case_id)
        return [one for one in detail.stages if one.status is StageStatus.OPEN]

    def _survey(self, case_id: uuid.UUID, stage: StageRow) -> None:
        """Keep that the home was surveyed: rows alone, since these accounts have no roles."""
        first = self.staff[stage.department_code, False].id
        second = next(
            one.id for (_, decides), one in self.staff.items() if not decides and one.id != first
        )
        sheet = new_id(self.now)
        # Without its file, of which no copy could have one of its own.
        self.session.add(
            CaseEnclosure(
                id=sheet,
                case_id=case_id,
                kind=MediaKind.PICTURE,
                title=_SHEET,
                received_sha256=sheet.bytes * 2,
                received_size=1,
                added_by=first,
                added_at=self.now,
                removed_by=first,
                removed_at=self.now,
                removed_why=_REASON,
            )
        )
        self.session.flush()
        self.session.add(
            CaseSurvey(
                case_id=case_id,
                held_on=local_date(self.now),
                finding=_REASON,
                recorded_by=first,
                companion_id=second,
                sheet_id=sheet,
                recorded_at=self.now,
            )
        )
        self.session.flush()

    def _end(self, case_id: uuid.UUID, stage: StageRow) -> None:
        if stage.survey_by:
            self._survey(case_id, stage)
        service.end_stage(
            self.session,
            actor=self.staff[stage.department_code, False],
            case_id=case_id,
            code=stage.code,
            outcome=Outcome.PASSED,
            opinion=None,
            now=self.now,
        )
