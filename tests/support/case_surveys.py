"""What the state machine of cases does about the survey of the home."""

from typing import TYPE_CHECKING

from sqlalchemy import select

from relief.review.models import CaseStage
from relief.review.surveying import acts
from relief.review.surveying.acts import Sheet
from relief.review.surveying.models import CaseSurvey
from relief.review.types import StageStatus
from tests.support.surveying import FOUND, make_sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relief.accounts.identity import Actor
    from tests.support.case_machine import CaseMachine

ASKS = "FIRST_OPN"  # of the schemes of the machine


def survey_anyhow(machine: "CaseMachine", who: int, number: int, words: str | None) -> None:
    """Record a survey of anybody with anybody, signed or not."""
    actor, other = machine.actor(who), machine.stage.actors[number % 4]
    _survey(machine, actor, other, why=words, witness="李四" if number % 2 else None)


def lawfully(machine: "CaseMachine", row: CaseStage) -> None:
    """Survey the home before its opinion, if nobody has, by the two of its office who may."""
    known = machine.session.scalar(select(CaseSurvey.case_id).where(machine.case_id == _OF))
    if row.code == ASKS and row.turn == 1 and known is None:
        office = [one for one in machine.stage.actors if one.department_code == "D01"]
        _survey(machine, office[0], office[1], why=None, witness=None)


def no_opinion_without(machine: "CaseMachine", rows: "Sequence[CaseStage]") -> None:
    """Fail if an opinion was given and nobody was at the home, or one went alone."""
    found = machine.session.scalars(select(CaseSurvey).where(machine.case_id == _OF)).one_or_none()
    given = [
        row
        for row in rows
        if row.code == ASKS and row.turn == 1 and row.status is StageStatus.ENDED
    ]
    assert found is not None or not given, "an opinion without a survey"
    if found is not None:
        assert {found.recorded_by, found.companion_id} <= machine.memory.finders
        assert (found.unsigned_why is None) == (found.witness is None)


def _survey(
    machine: "CaseMachine",
    actor: "Actor",
    other: "Actor",
    *,
    why: str | None,
    witness: str | None,
) -> None:
    assert machine.case_id is not None
    sheet = make_sheet(machine.session, machine.case_id, by=actor.id, now=machine.now)
    signed = Sheet(enclosure_id=sheet, unsigned_why=why, witness=witness)
    given = {"companion_id": other.id, "held_on": machine.today, "finding": FOUND, "sheet": signed}
    if machine.act(acts.record, actor, **given):
        assert actor.id != other.id
        machine.memory.finders |= {actor.id, other.id}
        machine.memory.surveyors |= {actor.id, other.id}


_OF = CaseSurvey.case_id
