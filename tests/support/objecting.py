"""A case whose notice hangs, and what is objected to it."""

from typing import Any
from uuid import UUID

from werkzeug.test import TestResponse

from relief.core.clock import local_date
from tests.support.people import CITY, TIEDONG
from tests.support.review import Office

__all__ = ["CITY", "TIEDONG"]
OBJECTED = {
    "received_on": "2026-11-23",
    "channel": "phone",
    "words": "该家庭有一辆小汽车",
    "name": "李反映",
    "phone": "13900001234",
}
SURVEYED = {
    "held_on": "2026-11-23",
    "finding": "车辆登记在他人名下，已查看登记证",
    "signature": "两名调查人员和户主均已签字",
}


def post(
    office: Office,
    case: str,
    what: str,
    sent: Any,
    role: str = "clerk",
    *,
    department: str = "D01",
    region: str = TIEDONG,
    headers: Any = None,
) -> TestResponse:
    """Send something about the objections to a case."""
    path = f"/v1/cases/{case}/objections{what}"
    return office.client(department, role, region=region).post(path, json=sent, headers=headers)


def done(answer: TestResponse) -> Any:
    """What an answer says of what was done."""
    assert answer.status_code == 200, answer.json
    return answer.json


def refused(answer: TestResponse, status: int, code: str) -> str:
    """What an answer says of why it was not."""
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.json
    return str(answer.json.get("detail", "")) + str(answer.json["title"])


def to_notice(office: Office, case: str) -> str:
    """End every stage before the notice, and those beside it; return the case."""
    while True:
        waiting = [
            one
            for one in office.show(case)["stages"]
            if one["status"] == "open"
            and one["kind"] not in ("public_notice", "confirmation")
            and not one["waits_for"]
        ]
        if not waiting:
            return case
        for stage in waiting:
            done(office.end(case, stage))


def today(office: Office) -> str:
    """The day in China."""
    return local_date(office.clock()).isoformat()


def objected(office: Office, case: str) -> str:
    """Record an objection of today; return its id."""
    before = {one["id"] for one in office.show(case)["objections"]}
    detail = done(post(office, case, "", OBJECTED | {"received_on": today(office)}))
    [new] = {one["id"] for one in detail["objections"]} - before
    return str(new)


def surveyed(
    office: Office,
    case: str,
    *,
    role: str = "clerk",
    region: str = TIEDONG,
    companion: UUID | None = None,
    order: bool = True,
) -> Any:
    """Order a survey anew and enter its result, of today; return the case."""
    if order:
        done(post(office, case, "/inquiries", {"kind": "resurvey", "reason": "有人提出异议"}))
    other = companion or office.bind("reviewer")
    sent = SURVEYED | {"companion_id": str(other), "held_on": today(office)}
    return done(post(office, case, "/resurvey", sent, role, region=region))
