"""Who may see and assign helpers, and the assignments that are asked about."""

import io
import uuid
from datetime import date
from typing import Any

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from relief.core.ids import new_id
from relief.visits.models import Helper, HelperAssignment
from tests.api.access_who import HOME, SEE_CASES, STEWARDS, Line
from tests.support.settings import START

OF_HELPER = "<uuid:helper_id>"
OF_ONE = "<uuid:assignment_id>"


def assignment(
    session: Session, household_id: uuid.UUID, account_id: uuid.UUID
) -> tuple[uuid.UUID, uuid.UUID]:
    """A helper of a household, who is in post; return both ids."""
    helper = Helper(
        id=new_id(START), name="帮甲", unit="某局", phone_id=new_id(START), phone_masked="*",
        added_by=account_id, added_at=START,
    )  # fmt: skip
    session.add(helper)
    session.flush()
    made = HelperAssignment(
        id=new_id(START), household_id=household_id, helper_id=helper.id,
        days=Range(date(2026, 1, 1), None), is_first=True, made_by=account_id, made_at=START,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return helper.id, made.id


def _said(**more: Any) -> dict[str, Any]:
    return {"name": "帮乙", "unit": "某局", "phone": "13900000001"} | more


def _assigned(_household: Any) -> dict[str, Any]:
    return _said(from_on="2026-11-01")


def _transferred(_helper: Any) -> dict[str, Any]:
    return _said(notes="重病，须每周联系", reason="调离")


def _changed(_helper: Any) -> dict[str, Any]:
    return _said(version=1)


def _left(_helper: Any) -> dict[str, Any]:
    return {"left_on": "2026-11-01", "reason": "调离"}


def _reason(_assignment: Any) -> dict[str, Any]:
    return {"reason": "已经脱困"}


def _file(_nothing: Any) -> dict[str, Any]:
    return {"file": (io.BytesIO("户编号\n210302-000001\n".encode()), "帮扶.csv")}


HELPERS_API: dict[tuple[str, str], Line] = {
    ("GET", f"/v1{HOME}/helpers"): Line(SEE_CASES, about="household"),
    ("POST", f"/v1{HOME}/helpers"): Line(STEWARDS, about="household", ok=(201,), body=_assigned),
    ("POST", f"/v1/helper-assignments/{OF_ONE}/end"): Line(
        STEWARDS, about="assignment", body=_reason
    ),
    ("POST", f"/v1/helper-assignments/{OF_ONE}/first"): Line(STEWARDS, about="assignment"),
    ("GET", f"/v1/helpers/{OF_HELPER}"): Line(SEE_CASES, about="helper"),
    ("PUT", f"/v1/helpers/{OF_HELPER}"): Line(STEWARDS, about="helper", body=_changed),
    ("POST", f"/v1/helpers/{OF_HELPER}/departure"): Line(STEWARDS, about="helper", body=_left),
    ("POST", f"/v1/helpers/{OF_HELPER}/transfer"): Line(
        STEWARDS, about="helper", body=_transferred
    ),
    ("GET", f"/v1/helpers/{OF_HELPER}/households"): Line(SEE_CASES, about="helper"),
    ("GET", "/v1/helper-coverage"): Line(SEE_CASES),
    ("GET", "/v1/helper-coverage/households"): Line(SEE_CASES, lists="household"),
    ("GET", "/v1/helper-files/template"): Line(STEWARDS),
    ("POST", "/v1/helper-files"): Line(STEWARDS, ok=(202,), form=_file),
    # The task that everyone has is no such file.
    ("GET", "/v1/helper-files/<uuid:task_id>"): Line(STEWARDS, ok=(404,)),
}

_THEN = (303,)
_AT = f"{HOME}/helpers"
_OF = f"/helpers/{OF_HELPER}"
HELPERS_PAGES: dict[tuple[str, str], Line] = {
    ("GET", "/helper-coverage"): Line(SEE_CASES),
    ("GET", "/helper-coverage/households"): Line(SEE_CASES, lists="household"),
    ("GET", "/helper-files"): Line(STEWARDS),
    ("GET", "/helper-files/template"): Line(STEWARDS),
    ("POST", "/helper-files"): Line(STEWARDS, ok=_THEN, form=_file),
    ("GET", "/helper-files/<uuid:task_id>"): Line(STEWARDS, ok=(404,)),
    ("GET", _AT): Line(SEE_CASES, about="household"),
    ("POST", _AT): Line(STEWARDS, about="household", ok=_THEN, form=_assigned),
    ("POST", f"{_AT}/{OF_ONE}/end"): Line(STEWARDS, about="household", ok=_THEN, form=_reason),
    ("POST", f"{_AT}/{OF_ONE}/first"): Line(STEWARDS, about="household", ok=_THEN),
    ("GET", _OF): Line(SEE_CASES, about="helper"),
    ("POST", _OF): Line(STEWARDS, about="helper", ok=_THEN, form=_changed),
    ("POST", f"{_OF}/departure"): Line(STEWARDS, about="helper", ok=_THEN, form=_left),
    ("POST", f"{_OF}/transfer"): Line(STEWARDS, about="helper", ok=_THEN, form=_transferred),
}
