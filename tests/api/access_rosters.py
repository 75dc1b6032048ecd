"""Who may enter many applications of a roster or one at a counter, and acts."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from relief.core.ids import new_id
from relief.review.rostering.models import RosterAct
from relief.review.rostering.types import ActStatus
from tests.api.access_who import OPEN_CASES, Line
from tests.support.settings import START
from tests.support.source import number

OF_ONE = "<uuid:act_id>"


def acts(session: Session, accounts: Mapping[str, uuid.UUID]) -> dict[str, uuid.UUID]:
    """Of everybody one act that is done; of nobody: nobody stands on it."""
    made = {}
    for name, account in accounts.items():
        made[name] = new_id(START)
        session.add(
            RosterAct(
                id=made[name], scheme_code="S13", department_code="D01", need="按名单补办",
                status=ActStatus.DONE, beyond=False, begun_by=account, begun_at=START,
                ended_at=START,
            )
        )  # fmt: skip
    session.flush()
    return made


def _begun(_nothing: Any) -> dict[str, Any]:
    return {"scheme": "S13", "need": "按名单补办"}


def _shown(_nothing: Any) -> dict[str, Any]:
    return {
        "citizen_id": number(sequence=9), "name": "无此人", "scheme": "S16", "need": "住院",
    }  # fmt: skip


ROSTERS_API: dict[tuple[str, str], Line] = {
    ("GET", "/v1/roster-acts"): Line(OPEN_CASES, lists="roster_act"),
    # Whether anybody is confirmed, and the department takes part, is data.
    ("POST", "/v1/roster-acts"): Line(OPEN_CASES, ok=(201, 403, 409), body=_begun),
    ("GET", f"/v1/roster-acts/{OF_ONE}"): Line(OPEN_CASES, about="roster_act"),
    ("GET", f"/v1/roster-acts/{OF_ONE}/people"): Line(OPEN_CASES, about="roster_act"),
    ("POST", f"/v1/roster-acts/{OF_ONE}/resume"): Line(OPEN_CASES, about="roster_act", ok=(409,)),
    # Whether the department takes part, and the number is anybody's, is data.
    ("POST", "/v1/settlements"): Line(OPEN_CASES, ok=(403, 404), body=_shown),
}
ROSTERS_PAGES: dict[tuple[str, str], Line] = {
    ("GET", "/cases/roster-acts"): Line(OPEN_CASES, lists="roster_act"),
    ("GET", "/cases/roster-acts/new"): Line(OPEN_CASES),
    ("POST", "/cases/roster-acts"): Line(OPEN_CASES, ok=(303, 403, 409), form=_begun),
    ("GET", "/cases/settlements/new"): Line(OPEN_CASES),
    ("POST", "/cases/settlements"): Line(OPEN_CASES, ok=(403, 404), form=_shown),
    ("GET", f"/cases/roster-acts/{OF_ONE}"): Line(OPEN_CASES, about="roster_act"),
    ("POST", f"/cases/roster-acts/{OF_ONE}/resume"): Line(
        OPEN_CASES, about="roster_act", ok=(409,)
    ),
}
