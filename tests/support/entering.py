"""How a case of each scheme begins, as the catalogue says; written out by hand."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from relief.tasks import worker
from relief.wiring import worker_of
from tests.factories import Home
from tests.support import referring
from tests.support.applicants import BORN
from tests.support.confirming import listed
from tests.support.victims import hit, monitored, victim, watch

if TYPE_CHECKING:
    from tests.support.review import Office

# Named by a roster: whoever is confirmed as something, or stands in a register of the department.
CONFIRMED = frozenset({"S13", "S15", "S24"})
REGISTERED = frozenset({"S26", "S28"})
# Settled at the counter of whoever is in the lead, by the number of who is there.
SETTLED = {"S16": "D02", "S25": "D06"}
# Told of by somebody else, and taken in by the office of the lead.
REFERRED = frozenset({"S12"})


def entry_of(scheme: str) -> str:
    """Return how one enters a scheme, in the catalogue's word."""
    if scheme in CONFIRMED | REGISTERED:
        return "roster"
    if scheme in SETTLED:
        return "settlement"
    return "referral" if scheme in REFERRED else "application"


def enter(office: "Office", session: Session, scheme: str) -> str:
    """Let a case of a scheme begin the way it does; return its id."""
    if scheme in SETTLED:
        return _by_number(office, scheme)
    if scheme in REFERRED:
        return _by_referral(office, scheme)
    if scheme not in CONFIRMED | REGISTERED:
        return str(office.apply(scheme)["case"]["id"])
    given = {"born_on": BORN.get(scheme, BORN[""])}
    if scheme in CONFIRMED:
        return _by_roster(
            office, scheme, listed(session, office.household(schemes=("S01",), **given))
        )
    home = office.household(**given)
    if scheme == "S26":
        hit(session, victim(home))
    else:
        watch(session, monitored(home))
    return _by_roster(office, scheme, home)


def _by_roster(office: "Office", scheme: str, home: Home) -> str:
    """Enter by one act whom the roster of a scheme names, and nobody else."""
    office.household(name="李四")  # of whom no list and no register says anything
    clerk = office.client("D01", "clerk")
    named = clerk.get(f"/v1/roster?scheme={scheme}").json["items"]
    assert [one["person_id"] for one in named] == [str(home.person_id)]
    begun = clerk.post("/v1/roster-acts", json={"scheme": scheme, "need": "家庭困难"})
    assert begun.status_code == 201, begun.json
    assert worker.run_one(worker_of(office.app))
    people = clerk.get(f"/v1/roster-acts/{begun.json['id']}/people?status=entered").json["items"]
    [case] = [one["case_id"] for one in people]
    assert clerk.get(f"/v1/roster?scheme={scheme}").json["items"] == []
    return str(case)


def _by_referral(office: "Office", scheme: str) -> str:
    """Refer somebody by another department, and find out who it is at the office of the lead."""
    home = office.household(born_on=BORN.get(scheme, BORN[""]))
    at_window = {"person_id": str(home.person_id), "scheme": scheme, "need": "生活无着"}
    refused = office.client("D01", "clerk").post("/v1/cases", json=at_window)
    assert (refused.status_code, refused.json["code"]) == (409, "entered-by-referral")
    assert "由转介进入" in refused.json["title"]
    case = referring.to_case(office, home, scheme=scheme)
    assert office.show(case)["case"]["status"] == "submitted"
    return case


def _by_number(office: "Office", scheme: str) -> str:
    """Enter at a counter somebody of whom its department knows nothing."""
    home = office.household(born_on=BORN.get(scheme, BORN[""]))
    counter = office.client(SETTLED[scheme], "clerk")
    assert counter.get(f"/v1/persons/{home.person_id}").status_code == 404
    sent = {"citizen_id": home.citizen_id, "name": "张三", "scheme": scheme, "need": "家庭困难"}
    entered = counter.post("/v1/settlements", json=sent)
    assert entered.status_code == 201, entered.json
    return str(entered.json["case"]["id"])
