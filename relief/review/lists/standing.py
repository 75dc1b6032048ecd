"""How cases stand for somebody who would decide them together: may they, and what speaks against.

The same look when a list is drawn and when it is decided, by set: the number of statements does
not grow with that of the cases.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import InstrumentedAttribute, Session

from relief.accounts.identity import Actor
from relief.core.clock import local_date
from relief.core.workdays import Calendar
from relief.funds.models import Entitlement
from relief.organisation import queries as organisation
from relief.review import clocks, stages, standing_in, starts, turns
from relief.review.clocks import Law
from relief.review.facts import computing
from relief.review.facts.computing import Worked
from relief.review.kin import locks
from relief.review.kin import queries as kin_queries
from relief.review.kin.models import CaseKin, CaseRecusal
from relief.review.lists import doubts as looking
from relief.review.lists.doubts import Doubt
from relief.review.lists.types import Reason
from relief.review.mandates import agents
from relief.review.models import Case, CasePause, CaseStage
from relief.review.objecting import queries as objecting
from relief.review.objecting.queries import Objected
from relief.review.stages import Way
from relief.review.types import StageStatus, Step
from relief.schemes import queries as schemes
from relief.schemes.models import Scheme, StageOwner
from relief.schemes.queries import Plan
from relief.schemes.types import StageKind

Why = tuple[Reason, str | None]


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for all cases of a scheme: read once for many."""

    session: Session
    scheme: Scheme
    owners: Mapping[str, StageOwner]
    calendar: Calendar
    _plans: dict[tuple[str, int], Plan] = field(default_factory=dict)

    def plan(self, case: Case) -> Plan:
        """Return the procedure that a case began under. One query for each version."""
        key = case.procedure_code, case.procedure_version
        if key not in self._plans:
            self._plans[key] = schemes.procedure_version(self.session, code=key[0], version=key[1])
        return self._plans[key]

    def way(self, case: Case, rows: list[CaseStage], *, actor_id: uuid.UUID, now: datetime) -> Way:
        """Return the way of one case of many, with its stages as read with theirs."""
        return Way(
            session=self.session,
            case=case,
            scheme=self.scheme,
            plan=self.plan(case),
            owners=self.owners,
            calendar=self.calendar,
            actor_id=actor_id,
            now=now,
            known=rows,
        )

    def law(self) -> Law:
        """Return by what the clocks of these cases are counted."""
        procedures = {key: plan.procedure for key, plan in self._plans.items()}
        return Law(self.calendar, procedures, schemes.reminder_rules(self.session))

    def period(self, case: Case, on: date) -> Range[date]:
        """Return for which days an entitlement would be that is decided on a day."""
        starts_on = starts.entitled_from(
            self.scheme.start, submitted_on=local_date(case.submitted_at), decided_on=on
        )
        return Range(starts_on, starts.entitled_until(self.scheme, starts_on), bounds="[)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one case stands. `row`: the decision that waits for the actor; `why`: what forbids it.

    `version`: of the case before it was looked at, which may tell its timeline something.
    """

    case: Case
    version: int
    rows: list[CaseStage]
    row: CaseStage | None
    period: Range[date]
    doubts: Sequence[Doubt]
    worked: Worked | None  # by the scheme's rule, where it has one
    why: Why | None


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read of all the cases at once, by case."""

    on: date
    rows: Mapping[uuid.UUID, list[CaseStage]]
    paused: Collection[uuid.UUID]
    stood_back: Collection[uuid.UUID]
    of_kin: Collection[uuid.UUID]  # of the actor
    kin: Collection[uuid.UUID]  # of anybody who handles such cases
    visited: Collection[uuid.UUID]
    granted: Mapping[uuid.UUID, Sequence[Range[date]]]  # by person
    doubts: Mapping[uuid.UUID, Sequence[Doubt]]
    # Who had a part in it, verified a doubt or found out a fact, and for whom.
    first_eyes: Mapping[uuid.UUID, Collection[uuid.UUID]]
    worked: Mapping[uuid.UUID, Worked]
    objected: Objected
    amount_fen: int  # that the list grants


def rules_of(session: Session, *, scheme_code: str) -> Rules:
    """Return what holds for a scheme's cases. Raises SchemeNotFound."""
    return Rules(
        session,
        schemes.get_scheme(session, code=scheme_code),
        schemes.owners(session),
        organisation.calendar(session),
    )


def look(
    rules: Rules, *, actor: Actor, cases: Sequence[Case], amount_fen: int, now: datetime
) -> Mapping[uuid.UUID, Standing]:
    """Return case → how it stands for the actor today, who would grant so much in each.

    The caller holds the cases. Keeps and tells whose kin the families are, as filed by now, and
    what the checks find, like every decision does.
    """
    versions = {case.id: case.version for case in cases}
    known = _read(rules, actor, cases, amount_fen, now)
    found = {}
    for case in cases:
        rows = known.rows[case.id]
        row = next((one for one in rows if _waits(one, actor)), None)
        found[case.id] = Standing(
            case=case,
            version=versions[case.id],
            rows=rows,
            row=row,
            period=rules.period(case, known.on),
            doubts=known.doubts.get(case.id, ()),
            worked=known.worked.get(case.id),
            why=next(_against(rules, known, actor, case, row), None),
        )
    return found


def _against(
    rules: Rules, known: _Known, actor: Actor, case: Case, row: CaseStage | None
) -> Iterator[Why]:
    """Yield what forbids to decide a case with others, the weightiest first."""
    if row is None:
        yield Reason.GONE, None
        return
    yield from _of_person(known, actor, case)
    if case.id in known.paused:
        yield Reason.PAUSED, None
    if before := stages.missing_before(rules.plan(case), known.rows[case.id], row.code):
        yield Reason.TOO_EARLY, "、".join(before)
    if case.id in known.objected.unanswered:
        yield Reason.TOO_EARLY, "公示期异议"
    if open_ones := [one.words for one in known.doubts.get(case.id, ()) if one.open]:
        yield Reason.DOUBTS, "；".join(open_ones)
    worked = known.worked.get(case.id)
    if worked and (differs := computing.difference(worked, known.amount_fen)):
        yield Reason.RULE, differs
    period = rules.period(case, known.on)
    if any(one.overlaps(period) for one in known.granted.get(case.person_id, ())):
        yield Reason.OVERLAP, None


def _of_person(known: _Known, actor: Actor, case: Case) -> Iterator[Why]:
    """Yield why the actor may not, or not yet, whatever the case is like."""
    if case.id in known.stood_back:
        yield Reason.STOOD_BACK, None
    if case.id in known.of_kin:
        yield Reason.KIN, None
    eyes = {case.entered_by, *(one.ended_by for one in known.rows[case.id])}
    eyes.update(known.first_eyes.get(case.id, ()), known.objected.eyes.get(case.id, ()))
    if actor.id in eyes:
        yield Reason.FOUR_EYES, None
    if case.id in known.kin and case.id not in known.visited:
        yield Reason.UNVISITED, None


def _waits(row: CaseStage, actor: Actor) -> bool:
    is_open = row.status is StageStatus.OPEN and row.kind is StageKind.CONFIRMATION
    return is_open and turns.is_theirs(row, actor)


def _read(
    rules: Rules, actor: Actor, cases: Sequence[Case], amount_fen: int, now: datetime
) -> _Known:
    session, on = rules.session, local_date(now)
    ids = [case.id for case in cases]
    kin_before = _kin(session, ids)
    hits = locks.compare_all(session, cases, on=on, now=now)
    rows: dict[uuid.UUID, list[CaseStage]] = defaultdict(list)
    for row in session.scalars(
        select(CaseStage)
        .where(CaseStage.case_id.in_(ids))
        .order_by(CaseStage.position, CaseStage.turn, CaseStage.department_code)
        .execution_options(populate_existing=True)
    ):
        rows[row.case_id].append(row)
    visited = kin_queries.visited_by(session, cases=ids)
    facts = computing.facts_of_all(session, ids)
    eyes = standing_in.first_eyes_of_all(session, ids, Step.DOUBT_ANSWERED)
    ways = [rules.way(case, rows[case.id], actor_id=actor.id, now=now) for case in cases]
    limits = {case.id: case.shorter_limit for case in cases}
    checked = looking.check(session, ways)
    kin = _kin(session, ids)  # after the checks, which find some by the registers
    _tell(ways, new_kin={one for one in ids if len(kin[one]) > len(kin_before[one])})
    if lapsed := [case for case in cases if case.shorter_limit != limits[case.id]]:
        clocks.count(session, lapsed, law=rules.law(), now=now)
    book = computing.book_of(session, scheme_code=rules.scheme.code, on=on)
    worked = {}
    if book:  # after the checks, which find what is wanting
        wanting = computing.unauthorised(session, ids)
        worked = {
            case.id: book.apply(case, facts.get(case.id, ()), authorised=case.id not in wanting)
            for case in cases
        }
    own = {
        case.id
        for case in cases
        if actor.id in kin[case.id]
        or any(hit.account_id == actor.id for hit in hits.get(case.person_id, ()))
    }
    return _Known(
        on=on,
        rows=rows,
        paused=_ids(
            session, CasePause.case_id, CasePause.case_id.in_(ids), CasePause.until_on.is_(None)
        ),
        stood_back=_ids(
            session,
            CaseRecusal.case_id,
            CaseRecusal.case_id.in_(ids),
            CaseRecusal.account_id == actor.id,
        ).union(agents.cases_of(session, ids, account_id=actor.id)),
        of_kin=own,
        kin={one for one in ids if kin[one]},
        visited=visited.keys(),
        granted=_granted(session, rules.scheme.code, [case.person_id for case in cases]),
        doubts=looking.doubts_of(
            session,
            cases,
            stages=rows,
            checked=checked,
            kin={one for one in visited if kin[one]},
            on=on,
        ),
        first_eyes={
            case.id: {one.found_by for one in facts.get(case.id, ())}.union(
                eyes.get(case.id, ()), visited.get(case.id, ())
            )
            for case in cases
        },
        worked=worked,
        objected=objecting.objected(session, ids),
        amount_fen=amount_fen,
    )


def _kin(
    session: Session, ids: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, Sequence[uuid.UUID | None]]:
    """Return case → whose kin the family is, as kept; None: of someone without an account."""
    found: dict[uuid.UUID, list[uuid.UUID | None]] = {one: [] for one in ids}
    for row in session.execute(
        select(CaseKin.case_id, CaseKin.account_id).where(CaseKin.case_id.in_(ids))
    ):
        found[row.case_id].append(row.account_id)
    return found


def _tell(ways: Sequence[Way], *, new_kin: Collection[uuid.UUID]) -> None:
    """Tell the timelines of kin that was not known before, and write what was told."""
    for way in ways:
        if way.case.id in new_kin:
            stages.note(way, Step.KIN_FOUND, None, None)
    if ways:
        ways[0].session.flush()


def _ids(
    session: Session, column: InstrumentedAttribute[uuid.UUID], *conditions: ColumnElement[bool]
) -> set[uuid.UUID]:
    return set(session.scalars(select(column).where(*conditions)))


def _granted(
    session: Session, scheme_code: str, people: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, Sequence[Range[date]]]:
    """Return person → for which days the scheme's aid is granted already."""
    found: dict[uuid.UUID, list[Range[date]]] = defaultdict(list)
    for row in session.execute(
        select(Entitlement.person_id, Entitlement.period).where(
            Entitlement.scheme_code == scheme_code, Entitlement.person_id.in_(people)
        )
    ):
        found[row.person_id].append(row.period)
    return found
