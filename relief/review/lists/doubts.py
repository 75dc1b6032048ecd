"""What there is to look at in a case before it is decided with others (疑点).

The one place that says so: whoever finds doubts of another kind adds them in `doubts_of`.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.core.findings import Grade
from relief.organisation import queries as organisation
from relief.review.checks import running
from relief.review.checks.models import CaseFinding
from relief.review.clocks import due_day
from relief.review.models import Case, CaseStage
from relief.review.stages import Way
from relief.review.types import Outcome, StageStatus

_OBJECTED = "{stage}（{department}）有异议：{opinion}"
_LATE = "{stage}已于 {on} 到期"
_VISITED = "近亲属单独登记备案的家庭，县级已入户调查"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that the approver is shown. An open one keeps the case from every list."""

    words: str
    open: bool

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept with the list."""
        return asdict(self)


def check(session: Session, ways: Sequence[Way]) -> Mapping[uuid.UUID, Sequence[Doubt]]:
    """Run the checks on cases, which the caller holds; return case → what there is to look at.

    A block and a doubt that is not cleared keep a case from every list. What is new is told in the
    timeline of its case, and what rests on a lost identity lapses, as when the case is looked at by
    itself. As many statements for a thousand as for one.
    """
    doubts: dict[uuid.UUID, list[Doubt]] = defaultdict(list)
    for case_id, looked in running.look_at_all(ways).items():
        blocks = [one for one in looked.findings if one.grade is Grade.BLOCK]
        doubts[case_id].extend(Doubt(one.message, open=True) for one in blocks)
    rows = session.execute(
        select(CaseFinding.case_id, CaseFinding.message, running.holding())
        .where(
            CaseFinding.case_id.in_([way.case.id for way in ways]),
            CaseFinding.grade == Grade.DOUBT,
        )
        .order_by(CaseFinding.case_id, CaseFinding.check_code, CaseFinding.key)
    )
    for case_id, message, holds in rows:
        doubts[case_id].append(Doubt(message, open=holds))
    return doubts


def doubts_of(
    session: Session,
    cases: Sequence[Case],
    *,
    stages: Mapping[uuid.UUID, Sequence[CaseStage]],
    checked: Mapping[uuid.UUID, Sequence[Doubt]],
    kin: Collection[uuid.UUID],
    on: date,
) -> Mapping[uuid.UUID, Sequence[Doubt]]:
    """Return case → what there is to look at, the open ones first.

    `stages`: of each case; `kin`: ids of those that are filed as of kin and were visited. One
    query, however many cases there are.
    """
    found: dict[uuid.UUID, list[Doubt]] = defaultdict(list)
    for case_id, doubts in checked.items():
        found[case_id].extend(doubts)
    departments = organisation.department_names(session)
    for case in cases:
        for row in stages[case.id]:
            found[case.id].extend(_of_stage(row, departments, on))
        if case.id in kin:
            found[case.id].append(Doubt(_VISITED, open=False))
        found[case.id].sort(key=lambda doubt: not doubt.open)
    return found


def _of_stage(row: CaseStage, departments: Mapping[str, str], on: date) -> Sequence[Doubt]:
    if row.outcome is Outcome.OBJECTED:
        words = _OBJECTED.format(
            stage=row.name, department=departments[row.department_code], opinion=row.opinion
        )
        return [Doubt(words, open=True)]
    if row.status is StageStatus.OPEN and row.due_on is not None and row.due_on < on:
        return [Doubt(_LATE.format(stage=row.name, on=due_day(row)), open=False)]
    return ()
