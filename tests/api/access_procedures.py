"""Who may do what with procedures and their drafts, and the drafts that are asked about."""

import uuid
from typing import Any

from sqlalchemy.orm import Session

from relief.schemes.drafting import service
from tests.api.access_who import ADMINISTRATORS, AUDITORS, Line
from tests.support.drafting import LATER
from tests.support.settings import START

SEE = ADMINISTRATORS | AUDITORS | {"approver", "supervisor", "leader"}
EDIT = frozenset({"system_admin"})
SIGN = frozenset({"system_admin", "security_admin"})
THEN = (303,)
# Of each a draft is made, which nobody has edited yet; each has a stage ACCEPT.
DRAFTED = {
    "own": "W_TK", "same_county": "W_GX", "other_county": "W_CHILD", "wrong_department": "W_CJ2",
}  # fmt: skip
STAGE = {
    "code": "ACCEPT", "name": "受理", "kind": "acceptance", "owner": "township", "limit": 1,
    "day_type": "wd", "starts_from": "submit", "note": "依据", "confidence": "D",
}  # fmt: skip
HEAD = {
    "name": "流程", "total_limit": None, "total_day_type": None, "total_from": None,
    "extended_limit": None, "delegated_limit": None, "legal": None, "confidence": "D",
}  # fmt: skip
LISTS: dict[str, Any] = {"raises": [], "after": [], "papers": []}
CONTENT = {
    "head": HEAD | {"rolls": True},
    "stages": [STAGE | LISTS | {"parallel": False, "conceals": False}],
    "joint": {},
}
DAY = LATER.isoformat()


def drafts(session: Session, account_id: uuid.UUID) -> dict[str, uuid.UUID]:
    """A draft for each case."""
    return {
        case: service.begin(session, code=code, actor_id=account_id, now=START)
        for case, code in DRAFTED.items()
    }


def with_version(**more: Any) -> Any:
    return lambda _draft_id: {"version": 1} | more


def of_draft(who: frozenset[str], ok: tuple[int, ...], **sent: Any) -> Line:
    """A program's act in a draft."""
    return Line(who, about="draft", ok=ok, body=with_version(**sent))


def in_draft(who: frozenset[str], ok: tuple[int, ...] = THEN, **sent: Any) -> Line:
    """A form's act in a draft."""
    return Line(who, about="draft", ok=ok, form=with_version(**sent))


ONE = "/procedure-drafts/<uuid:draft_id>"
PROCEDURES_API: dict[tuple[str, str], Line] = {
    ("GET", "/v1/procedures"): Line(SEE),
    ("GET", "/v1/procedures/<procedure>"): Line(SEE, about="procedure"),
    ("GET", "/v1/procedures/<procedure>/versions/<version>"): Line(SEE, about="procedure"),
    ("POST", "/v1/procedures/<procedure>/drafts"): Line(
        EDIT, about="procedure", ok=(201,), body=lambda _: {}
    ),
    ("GET", f"/v1{ONE}"): Line(SEE, about="draft"),
    # Which schemes use it differs from draft to draft, and is not said here: refused for that.
    ("PUT", f"/v1{ONE}"): of_draft(EDIT, (422,), content=CONTENT),
    # Nothing in it is changed, and it is not proposed: only who may is told.
    ("POST", f"/v1{ONE}/proposal"): of_draft(EDIT, (409,), valid_from=DAY),
    ("POST", f"/v1{ONE}/return"): of_draft(SIGN, (409,), reason="期限太短"),
    ("POST", f"/v1{ONE}/publication"): of_draft(SIGN, (409,), digest="0" * 64),
    ("POST", f"/v1{ONE}/discard"): of_draft(EDIT, (200,)),
}
PROCEDURES_PAGES: dict[tuple[str, str], Line] = {
    ("GET", "/procedures"): Line(SEE),
    ("GET", "/procedures/<procedure>"): Line(SEE, about="procedure"),
    ("GET", "/procedures/<procedure>/versions/<version>"): Line(SEE, about="procedure"),
    ("POST", "/procedures/<procedure>/drafts"): Line(EDIT, about="procedure", ok=THEN),
    ("GET", ONE): Line(SEE, about="draft"),
    **{
        ("GET", f"{ONE}/{form}"): Line(EDIT, about="draft")
        for form in ("head", "stages/new", "stages/<stage>", "joint")
    },
    ("POST", f"{ONE}/head"): in_draft(EDIT, name="流程", confidence="D"),
    ("POST", f"{ONE}/stages/new"): in_draft(EDIT, **STAGE | {"code": "MORE"}),
    ("POST", f"{ONE}/stages/<stage>"): in_draft(EDIT, **STAGE | {"limit": 2}),
    ("POST", f"{ONE}/stages/<stage>/move"): in_draft(EDIT, way="later"),
    ("POST", f"{ONE}/stages/<stage>/remove"): in_draft(EDIT),
    ("POST", f"{ONE}/joint"): in_draft(EDIT),
    ("POST", f"{ONE}/proposal"): in_draft(EDIT, (409,), valid_from=DAY),
    ("POST", f"{ONE}/return"): in_draft(SIGN, (409,), reason="期限太短"),
    ("POST", f"{ONE}/publication"): in_draft(SIGN, (409,), digest="0" * 64),
    ("POST", f"{ONE}/discard"): in_draft(EDIT),
}
