"""What a case is spared because an identity is recognised: asked where a stage would open.

Under the case's lock, in the caller's transaction.
"""

from typing import TYPE_CHECKING

from sqlalchemy import select

from relief.core.findings import Grade
from relief.review.checks.models import CaseFinding
from relief.review.checks.types import Verdict
from relief.review.recognition.models import CaseRecognition
from relief.review.recognition.words import sentence
from relief.schemes.recognition import SPARED_KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relief.review.stages import Way
    from relief.schemes.models import ProcedureStage

LOST = "A30"


def spared(way: "Way", stage: "ProcedureStage") -> str | None:
    """Return why a stage is left out, with its source; None where it is not.

    One query for a stage that may be, and none for any other.
    """
    if stage.kind not in SPARED_KINDS:
        return None
    rests = [one for one in recognitions(way) if stage.code in one.stages]
    if not rests or any_lost(way):
        return None
    return f"因互认免于{rests[0].spares}：{sentence(rests[0])}（{rests[0].legal}）"


def recognitions(way: "Way") -> "Sequence[CaseRecognition]":
    """Return what the case rests on, in the order in which it was accepted."""
    if way.fresh is not None:
        return way.fresh
    return way.session.scalars(
        select(CaseRecognition)
        .where(CaseRecognition.case_id == way.case.id)
        .order_by(CaseRecognition.id)
    ).all()


def any_lost(way: "Way") -> bool:
    """Tell whether one of them no longer stands, by the last look, and was not verified since.

    Then nothing is spared: what was not looked at before is looked at now.
    """
    if way.fresh is not None:
        return False
    found = (
        select(CaseFinding.id)
        .where(
            CaseFinding.case_id == way.case.id,
            CaseFinding.check_code == LOST,
            CaseFinding.grade == Grade.DOUBT,
            CaseFinding.gone_at.is_(None),
            CaseFinding.verdict.is_distinct_from(Verdict.UNFOUNDED),
        )
        .limit(1)
    )
    return way.session.scalar(found) is not None
