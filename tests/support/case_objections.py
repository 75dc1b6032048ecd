"""What the state machine of cases does about objections in the notice period."""

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from relief.accounts.identity import Actor
from relief.review.models import CaseStage
from relief.review.objecting import acts, answering, inquiring
from relief.review.objecting.models import CaseObjection
from relief.review.objecting.types import Channel, InquiryKind
from relief.review.types import Outcome, StageStatus
from relief.schemes.types import StageKind
from tests.support.by_hand import Hand
from tests.support.settings import CIPHER

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from tests.support.case_machine import CaseMachine


def raise_one(machine: "CaseMachine", who: int, number: int, words: str | None) -> None:
    """Record an objection of one of the last days, mostly by the office of the notice."""
    notice = _notice(machine)
    day = machine.today - timedelta(days=number % 5)
    last = Hand(notice, []).last_day() if notice else None
    hangs = notice is not None and notice.status is StageStatus.OPEN
    given = {"channel": Channel.PHONE, "words": words or "家中有车", "name": None, "phone": None}
    given |= {"received_on": day, "cipher": CIPHER}
    if machine.act(acts.record, _actor(machine, who), **given):
        assert notice is not None
        assert last is not None
        machine.memory.unanswered += hangs and day <= last


def inquire(machine: "CaseMachine", who: int, number: int, words: str | None) -> None:
    """Order a survey anew or an appraisal, and enter what came of what was ordered."""
    kind = InquiryKind.APPRAISAL if number == 0 else InquiryKind.RESURVEY
    machine.act(inquiring.order, _actor(machine, who), kind=kind, reason=words or "有人提出异议")
    held = {"held_on": machine.today, "finding": words or "与登记一致"}
    machine.act(inquiring.appraise, _actor(machine, who), participants=1 + number, **held)
    actor, other = _actor(machine, who), _actor(machine, who + 1 + number % 2)
    two = {"companion_id": other.id, "signature": "均已签字"}
    if machine.act(inquiring.resurvey, actor, **two, **held):
        assert actor.id != other.id
        machine.memory.finders |= {actor.id, other.id}
        machine.memory.surveyors |= {actor.id, other.id}


def judge(machine: "CaseMachine", who: int, number: int, words: str | None) -> None:
    """Answer what is not answered: mostly unfounded, and the same once more in vain."""
    for objection in unanswered(machine)[:2]:
        notice, actor = _notice(machine), _actor(machine, who)
        assert notice is not None
        hangs = notice.status is StageStatus.OPEN
        answer = {"upheld": number % 3 == 0, "reason": words or "已核实"}
        if not machine.act(answering.answer, actor, objection_id=objection, **answer):
            continue
        assert actor.id not in machine.memory.surveyors | {machine.entered_by.id}
        machine.memory.finders.add(actor.id)
        machine.memory.unanswered -= 1
        if answer["upheld"] and hangs:
            machine.memory.give(
                notice.code, actor, notice.department_code, Outcome.OBJECTED, answer["reason"]
            )
        assert not machine.act(answering.answer, actor, objection_id=objection, **answer)


def nothing_passes_over(machine: "CaseMachine", rows: "Sequence[CaseStage]") -> None:
    """Fail if a case waits for its confirmation while an objection is not answered."""
    waiting = unanswered(machine)
    assert len(waiting) == machine.memory.unanswered
    if waiting:
        assert not [
            row
            for row in rows
            if row.kind is StageKind.CONFIRMATION and row.status is not StageStatus.VOID
        ]


def unanswered(machine: "CaseMachine") -> "list[uuid.UUID]":
    """The objections that were made in time and wait for an answer."""
    return list(
        machine.session.scalars(
            select(CaseObjection.id)
            .where(
                CaseObjection.case_id == machine.case_id,
                CaseObjection.in_time,
                CaseObjection.answered_at.is_(None),
            )
            .order_by(CaseObjection.id)
        )
    )


def _notice(machine: "CaseMachine") -> CaseStage | None:
    rows = machine.session.scalars(
        select(CaseStage)
        .where(
            CaseStage.case_id == machine.case_id,
            CaseStage.kind == StageKind.PUBLIC_NOTICE,
            CaseStage.status != StageStatus.LEFT_OUT,
        )
        .order_by(CaseStage.turn)
    ).all()
    return rows[-1] if rows else None


def _actor(machine: "CaseMachine", who: int) -> Actor:
    """Somebody of the office of the notice, or anybody."""
    notice, actors = _notice(machine), machine.stage.actors
    if notice is None or who >= 14:
        return actors[who * 5 % len(actors)]
    office = [one for one in actors if one.department_code == notice.department_code]
    return office[who % len(office)]
