"""Somebody who is found without shelter, and what offices do about them."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from werkzeug.test import TestResponse

from relief.core.clock import local_date
from relief.review.shown import Referred
from tests.factories import Home
from tests.support.people import TIEDONG

if TYPE_CHECKING:
    from tests.support.review import Office

URL = "/v1/referrals"
STREET = "210302002000"  # of 铁东区
WEST = "210303002000"  # of 铁西区
NEED = "无住处、无食物，需要临时住宿"


def known(office: "Office", **given: Any) -> dict[str, Any]:
    """What the police told a clerk of somebody who says nothing."""
    return {
        "scheme": "S12",
        "region": STREET,
        "found_by": "police",
        "finder": "铁东分局东山派出所 王警官",
        "found_at": office.clock().isoformat(),
        "place": "长途客运站候车室",
        "handed_to": "街面救助点值班员",
        "condition": "六十岁上下，右腿有伤，说不清来处",
    } | given


def refer(
    office: "Office", department: str = "D06", *, area: str = TIEDONG, **given: Any
) -> TestResponse:
    """Refer by a clerk of another department."""
    return office.client(department, "clerk", region=area).post(URL, json=known(office, **given))


def referred(office: "Office", **given: Any) -> str:
    """A referral that waits."""
    answer = refer(office, **given)
    assert answer.status_code == 201, answer.json
    return str(answer.json["referral"]["id"])


def act(
    office: "Office", referral: str, what: str, /, *, role: str = "clerk", area: str = TIEDONG,
    department: str = "D01", **sent: Any,
) -> TestResponse:  # fmt: skip
    """Let somebody of the receiving office do something."""
    client = office.client(department, role, region=area)
    return client.post(f"{URL}/{referral}/{what}", json=sent)


def to_case(office: "Office", home: Home, **given: Any) -> str:
    """Refer somebody who says their number, find them by it, and take them in."""
    referral = referred(office, citizen_id=home.citizen_id, **given)
    found = act(office, referral, "look-ups")
    assert (found.status_code, len(found.json["items"])) == (200, 1), found.json
    taken = act(office, referral, "acceptance", need=NEED, as_found=True)
    assert taken.status_code == 200, taken.json
    return str(taken.json["case_id"])


def way_in(scheme: str, now: datetime) -> Referred | None:
    """By what a case begins that is entered without its referral, of a scheme that has one."""
    return Referred(local_date(now), int(STREET) + 1, "转介") if scheme == "S12" else None
