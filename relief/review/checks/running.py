"""Runs the checks on cases and keeps what they find; says what holds an application or a grant."""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from relief.core.clock import local_date
from relief.core.errors import Held
from relief.core.findings import Finding, Grade, said
from relief.core.ids import new_id
from relief.core.workdays import Calendar
from relief.organisation import queries as organisation
from relief.review import stages, standing_in
from relief.review.checks import every, registered_kin
from relief.review.checks.errors import CheckBlocked, DoubtsOpen, VerifierDecides
from relief.review.checks.look import look
from relief.review.checks.models import CaseFinding
from relief.review.checks.outside import without_payee
from relief.review.checks.registered_kin import UNFILED_KIN
from relief.review.checks.types import CLEARING
from relief.review.kin import keeping as kin
from relief.review.kin import locks
from relief.review.models import Case
from relief.review.recognition import acts as recognition
from relief.review.recognition.skipping import LOST
from relief.review.stages import Way
from relief.review.types import Step
from relief.schemes import check_rules
from relief.schemes.check_rules import CheckRule
from relief.schemes.types import StageKind

# The ends of these look again: by then more is known than when the application was entered.
LOOKS_AGAIN = (StageKind.ACCEPTANCE, StageKind.DATA_CHECK, StageKind.JOINT)


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found in one case, and which of it is new to it."""

    findings: Sequence[Finding]
    new: Sequence[Finding]


def run(session: Session, cases: Sequence[Case], *, now: datetime) -> Mapping[uuid.UUID, Looked]:
    """Run the checks on cases and bring what is kept of each into step with what they find.

    The caller holds the cases. As many statements for a thousand as for one. What was found before
    with the same evidence stays, with its answer; what is found no more is closed.
    """
    rules = check_rules.in_force(session, on=local_date(now))
    looked_at = dict(zip((case.id for case in cases), look(session, cases, now=now), strict=True))
    found = {case_id: every.find(facts, rules) for case_id, facts in looked_at.items()}
    if UNFILED_KIN in rules:
        registered_kin.lock(session, looked_at, now=now)
    kept = _kept(session, found)
    new = {
        case_id: [one for one in findings if not _same(kept.get(_place(case_id, one)), one)]
        for case_id, findings in found.items()
    }
    still = {
        _place(case_id, one)
        for case_id, findings in found.items()
        for one in findings
        if one not in new[case_id]
    }
    _close(session, [row for place, row in kept.items() if place not in still], now)
    _add(session, new, rules, now)
    return {case_id: Looked(findings, new[case_id]) for case_id, findings in found.items()}


def _close(session: Session, gone: Sequence[CaseFinding], now: datetime) -> None:
    """Write down that some are found no more, in one statement.

    What is in memory is brought into step by hand: the session compares each row that it knows with
    each of these, which for a list of thousands takes longer than all else.
    """
    if not gone:
        return
    session.execute(
        update(CaseFinding)
        .where(CaseFinding.id.in_([row.id for row in gone]))
        .values(gone_at=now)
        .execution_options(synchronize_session=False)
    )
    for row in gone:
        set_committed_value(row, "gone_at", now)


@contextmanager
def keeping(way: Way) -> Iterator[None]:
    """Let what is refused in the block keep what was found: it is looked for anew, and stays."""
    try:
        yield
    except Held as refusal:
        refusal.keep = partial(
            keep_found,
            case_id=way.case.id,
            actor_id=way.actor_id,
            acting_for=way.acting_for,
            now=way.now,
        )
        raise


def keep_found(
    session: Session,
    *,
    case_id: uuid.UUID,
    actor_id: uuid.UUID | None,
    acting_for: uuid.UUID | None,
    now: datetime,
) -> None:
    """Look at an open case whose act was refused, and keep what is found: doubts, blocks and kin.

    What is kept already stays as it is, so that a repeated try adds nothing.
    """
    way = kin.hold(session, case_id=case_id, actor_id=actor_id, acting_for=acting_for, now=now)
    if way is None:
        return
    with kin.telling(way):
        locks.compare(session, way.case, on=way.today, now=now)
        looked = run(session, [way.case], now=now)[case_id]
    _tell(way, looked)


def admit(way: Way) -> None:
    """Look at an application that is entered just now.

    Raises CheckBlocked with what is to be mended.
    """
    _refuse_blocked(way, _run(way).findings)


def look_at_all(ways: Sequence[Way]) -> Mapping[uuid.UUID, Looked]:
    """Look at cases that the caller holds, as `look_again` at one; return case → what was found.

    With as many statements for a hundred as for one; of the same moment and by the same hand. Whose
    timelines are told of something are written at the next flush. The caller counts the clocks, and
    asks whose kin the families were found to be.
    """
    if not ways:
        return {}
    looked = run(ways[0].session, [way.case for way in ways], now=ways[0].now)
    for way in ways:
        _tell(way, looked[way.case.id])
    return looked


def admit_all(ways: Sequence[Way]) -> Mapping[uuid.UUID, CheckBlocked | None]:
    """Look at applications that are entered just now; return case → what holds it, if anything.

    As `admit`, with as many statements for a hundred as for one, as `look_at_all`.
    """
    if not ways:
        return {}
    looked = look_at_all(ways)
    rules = check_rules.in_force(ways[0].session, on=ways[0].today)
    return {way.case.id: _blocked(way, looked[way.case.id].findings, rules) for way in ways}


def look_again(way: Way) -> None:
    """Look at a case again because something of it has changed; nothing is refused."""
    with keeping(way):
        _run(way)


def again(way: Way, kind: StageKind) -> None:
    """Look again where a stage ends that teaches something new.

    What is to be mended holds the acceptance alone: later stages go on, and the grant waits. Raises
    CheckBlocked.
    """
    if kind not in LOOKS_AGAIN:
        return
    with keeping(way):
        looked = _run(way)
        if kind is StageKind.ACCEPTANCE:
            _refuse_blocked(way, looked.findings)


def before_decision(way: Way, *, granted: bool) -> None:
    """Look for the last time; a grant is held by a block, and by a doubt that is not cleared.

    Urgent aid comes first and is explained later: only what is hard holds it (社会救助法第五十条).
    Raises VerifierDecides; CheckBlocked, DoubtsOpen for a grant.
    """
    if _verified(way):
        raise VerifierDecides
    looked = _run(way)
    if not granted:
        return
    _refuse_blocked(way, looked.findings)
    if _is_urgent(way):
        return
    doubts = way.session.execute(
        select(CaseFinding.check_code, CaseFinding.message, CaseFinding.rule)
        .where(CaseFinding.case_id == way.case.id, holding())
        .order_by(CaseFinding.check_code, CaseFinding.key)
    ).all()
    if doubts:
        told = [
            {"check": row.check_code, "detail": row.message, "source": row.rule} for row in doubts
        ]
        words = "；".join(f"{row.message}（{row.rule}）" for row in doubts)
        first = f"请先核实：{words}"
        raise DoubtsOpen(first, conflicts=told)


def holding() -> ColumnElement[bool]:
    """Return the condition on `case_finding` of doubts that are not cleared."""
    return (
        (CaseFinding.grade == Grade.DOUBT)
        & CaseFinding.gone_at.is_(None)
        & func.coalesce(CaseFinding.verdict.not_in(CLEARING), True)  # SQL's
    )


def _run(way: Way) -> Looked:
    """Run the checks on the one case, and tell its timeline of new doubts."""
    looked = run(way.session, [way.case], now=way.now)[way.case.id]
    if way.actor_id is not None:
        locks.refuse_known(way.session, way.case, account_id=way.actor_id)
    _tell(way, looked)
    return looked


def _tell(way: Way, looked: Looked) -> None:
    """Tell the timeline of new doubts, and let lapse what rests on an identity that is lost."""
    doubts = [one for one in looked.new if one.grade is not Grade.NOTE]
    if doubts:
        told = "；".join(f"{one.check} {one.message}" for one in doubts)
        stages.note(way, Step.CHECKED, None, told)
    if any(one.check == LOST for one in doubts):
        recognition.lapse(way)


def _refuse_blocked(way: Way, findings: Sequence[Finding]) -> None:
    if not any(one.grade is Grade.BLOCK for one in findings):
        return
    fault = _blocked(way, findings, check_rules.in_force(way.session, on=way.today))
    if fault is not None:
        raise fault


def _blocked(
    way: Way, findings: Sequence[Finding], rules: Mapping[str, CheckRule]
) -> CheckBlocked | None:
    """Return what holds a case, with what is to be mended; None if nothing does."""
    blocks = [one for one in findings if one.grade is Grade.BLOCK]
    if _is_urgent(way):
        blocks = [one for one in blocks if rules[one.check].hard]
    if not blocks:
        return None
    said = [f"{one.message}：{_ending(rules[one.check])}" for one in blocks]
    return CheckBlocked("；".join(said), conflicts=[_told(one, rules) for one in blocks])


def _ending(rule: CheckRule) -> str:
    return f"{rule.mend}（{rule.source}）"


def _told(one: Finding, rules: Mapping[str, CheckRule]) -> Mapping[str, object]:
    """Return what a program is told of a block."""
    rule = rules[one.check]
    return {
        "check": one.check,
        "name": rule.name,
        "detail": one.message,
        "mend": rule.mend,
        "source": rule.source,
        "evidence": dict(without_payee(one.evidence)),
    }


def _is_urgent(way: Way) -> bool:
    """Tell whether the procedure gives first and explains later."""
    return any(stage.kind is StageKind.EXPLANATION for stage in way.plan.stages)


def _verified(way: Way) -> bool:
    """Tell whether who decides verified a doubt of the case, or one stands in for the other."""
    deciding = {way.actor_id, way.acting_for}
    return bool(deciding & standing_in.first_eyes(way, Step.DOUBT_ANSWERED))


def _place(case_id: uuid.UUID, one: Finding) -> tuple[uuid.UUID, str, str]:
    return case_id, one.check, one.key


def _kept(
    session: Session, cases: Collection[uuid.UUID]
) -> Mapping[tuple[uuid.UUID, str, str], CaseFinding]:
    """Return what is kept as found and not gone."""
    rows = session.scalars(
        select(CaseFinding)
        .where(CaseFinding.case_id.in_(cases), CaseFinding.gone_at.is_(None))
        .execution_options(populate_existing=True)
    )
    return {(row.case_id, row.check_code, row.key): row for row in rows}


def _same(row: CaseFinding | None, one: Finding) -> bool:
    """Tell whether it was found before just so, were it in another file."""
    return row is not None and (row.grade, said(row.evidence)) == (one.grade, said(_plain(one)))


def _plain(one: Finding) -> dict[str, Any]:
    """Return the evidence as it comes back from JSON."""
    return {
        name: value if isinstance(value, str | int) else list(value)
        for name, value in one.evidence.items()
    }


def _add(
    session: Session,
    new: Mapping[uuid.UUID, Sequence[Finding]],
    rules: Mapping[str, CheckRule],
    now: datetime,
) -> None:
    if not any(new.values()):
        return
    calendar = organisation.calendar(session)
    rows = [
        {
            "id": new_id(now),
            "case_id": case_id,
            "check_code": one.check,
            "key": one.key,
            "grade": one.grade,
            "message": one.message,
            "evidence": _plain(one),
            "rule": rules[one.check].source,
            "found_at": now,
            **_until(one, rules[one.check], calendar, local_date(now)),
        }
        for case_id, findings in new.items()
        for one in findings
    ]
    # One statement for all, those without a last day too.
    session.execute(insert(CaseFinding), rows, execution_options={"render_nulls": True})


def _until(
    one: Finding, rule: CheckRule, calendar: Calendar, today: date
) -> Mapping[str, date | bool | None]:
    """Return until when a doubt is to be verified, where the rule says."""
    if one.grade is not Grade.DOUBT or rule.days is None:
        return {"due_on": None, "due_provisional": False}
    due = calendar.add_working_days(today, rule.days)
    return {"due_on": due.day, "due_provisional": due.provisional}
