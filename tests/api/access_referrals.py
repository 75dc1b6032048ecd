"""Who may refer somebody, answer a referral, and see one."""

import uuid
from typing import Any

from sqlalchemy.orm import Session

from relief.core.ids import new_id
from relief.core.privacy.cipher import Cipher
from relief.review.referring.models import Referral, bound
from relief.review.referring.types import FoundBy, ReferralStatus
from tests.api.access_who import OPEN_CASES, SEE_CASES, Line
from tests.support.settings import START

OF_ONE = "<uuid:referral_id>"


def waiting(
    session: Session, cipher: Cipher, case: str, village: int, account_id: uuid.UUID
) -> uuid.UUID:
    """Somebody who was referred to housing; of the case of another department, to another."""
    made = new_id(START)
    session.add(
        Referral(
            id=made, scheme_code="S12", region_code=village, found_by=FoundBy.POLICE,
            department_code="D01" if case == "wrong_department" else "D04",
            finder="派出所", found_at=START, place="车站", handed_to="救助点", minor=False,
            found=False, told=cipher.seal_bytes(b'["", null]', associated=bound(made)),
            status=ReferralStatus.WAITING, hands=[account_id], referred_by=account_id,
            referred_at=START, due_provisional=False, steps=0,
        )
    )  # fmt: skip
    session.flush()
    return made


def _found(_nothing: Any) -> dict[str, Any]:
    return {
        "scheme": "S12", "region": "210302002000", "found_by": "police", "finder": "派出所",
        "found_at": START.isoformat(), "place": "车站", "handed_to": "救助点",
        "condition": "说不清来处",
    }  # fmt: skip


def _need(_referral: Any) -> dict[str, Any]:
    return {"need": "临时住宿"}


def _reason(_referral: Any) -> dict[str, Any]:
    return {"reason": "有住处"}


def _on(_referral: Any) -> dict[str, Any]:
    return {"reason": "由该街道接收", "region": "210302004000"}


def _nobody(_referral: Any) -> dict[str, Any]:
    return {"name": "无此人"}


def _aid(_referral: Any) -> dict[str, Any]:
    return {"what": "食宿", "fen": 100, "end": "left", "until_on": START.date().isoformat()}


# Whose office it is, is data: who sees it and is of another is refused.
_ACTS = {
    "look-ups": ((200, 403), _nobody),
    "acceptance": ((200, 403), _need),
    "refusal": ((200, 403), _reason),
    "hand-on": ((200, 403), _on),
    "identification": ((403, 409), _need),
    "aid": ((403, 409), _aid),
}
REFERRALS_API: dict[tuple[str, str], Line] = {
    ("GET", "/v1/referrals"): Line(SEE_CASES, lists="referral"),
    ("POST", "/v1/referrals"): Line(OPEN_CASES, ok=(201,), body=_found),
    ("GET", f"/v1/referrals/{OF_ONE}"): Line(SEE_CASES, about="referral"),
    **{
        ("POST", f"/v1/referrals/{OF_ONE}/{what}"): Line(
            OPEN_CASES, about="referral", ok=ok, body=body
        )
        for what, (ok, body) in _ACTS.items()
    },
}


def _filled(_nothing: Any) -> dict[str, Any]:
    return _found(None) | {"found_at": "2026-11-22T09:00"}


_FORMS = {
    "look-ups": ((200, 403), lambda _: {"look_name": "无此人"}),
    "acceptance": ((303, 403), _need),
    "refusal": ((303, 403), lambda _: {"refusal": "有住处"}),
    "hand-on": ((303, 403), lambda one: {"why": "由该街道接收", "region": _on(one)["region"]}),
    "identification": ((403, 409), _need),
    "aid": ((403, 409), lambda one: _aid(one) | {"cost": "1"}),
}
REFERRALS_PAGES: dict[tuple[str, str], Line] = {
    ("GET", "/cases/referrals"): Line(SEE_CASES, lists="referral"),
    ("GET", "/cases/referrals/new"): Line(OPEN_CASES),
    ("POST", "/cases/referrals"): Line(OPEN_CASES, ok=(303,), form=_filled),
    ("GET", f"/cases/referrals/{OF_ONE}"): Line(SEE_CASES, about="referral"),
    **{
        ("POST", f"/cases/referrals/{OF_ONE}/{what}"): Line(
            OPEN_CASES, about="referral", ok=ok, form=form
        )
        for what, (ok, form) in _FORMS.items()
    },
}
