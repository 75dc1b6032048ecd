"""Who asks in the access test, and what each may see, written from the design."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

CASES = ("own", "same_county", "other_county", "wrong_department", "absent")
EAST, WEST, CITY = "210302000000", "210303000000", "210300000000"


@dataclass(frozen=True)
class Who:
    """Someone who asks."""

    role: str | None
    department: str | None = None
    region: str | None = None


ACTORS = {
    "clerk": Who("clerk", "D01", EAST),
    "reviewer": Who("reviewer", "D01", EAST),
    "city_reviewer": Who("reviewer", "D01", CITY),
    "unplaced": Who("reviewer", None, CITY),  # of no department yet
    "housing": Who("reviewer", "D04", EAST),
    "approver": Who("approver", "D01", EAST),
    "steward": Who("steward", "D01", EAST),
    "city_steward": Who("steward", "D04", CITY),
    "auditor": Who("auditor", None, EAST),
    "city_auditor": Who("auditor", None, CITY),
    "finance_clerk": Who("finance_clerk", "D01", EAST),
    "finance_reviewer": Who("finance_reviewer", "D01", EAST),
    "appeals_operator": Who("appeals_operator", "D01", EAST),
    "supervisor": Who("supervisor", "D01", EAST),
    "leader": Who("leader", None, EAST),
    "helper": Who("helper", "D01", EAST),
    "system_admin": Who("system_admin"),
    "security_admin": Who("security_admin"),
    "audit_admin": Who("audit_admin"),
    "without_role": Who(None, "D01", EAST),
}

EVERYONE = frozenset(name for name in ACTORS)
ADMINISTRATORS = frozenset({"system_admin", "security_admin", "audit_admin"})
SEE_HOUSEHOLDS = EVERYONE - ADMINISTRATORS - {"without_role", "helper"}
MONEY = frozenset({"finance_clerk", "finance_reviewer"})
CASEWORK = SEE_HOUSEHOLDS - MONEY - {"leader"}
AUDITORS = frozenset({"auditor", "city_auditor"})
STEWARDS = frozenset({"steward", "city_steward"})
EXPORTERS = CASEWORK | {"leader"}
DECIDE_ACCESS = frozenset({"approver", "supervisor"})
REVIEWERS = frozenset({"reviewer", "city_reviewer", "unplaced", "housing"})
SEE_BATCHES = STEWARDS | REVIEWERS | {"approver", "auditor", "city_auditor", "leader"}
TAKE_FAULTS = SEE_BATCHES - AUDITORS - {"leader"}
SEE_REVIEWS = STEWARDS | AUDITORS
SEE_ACCOUNTS = ADMINISTRATORS | AUDITORS
SECURITY = frozenset({"security_admin"})
READ_AUDIT = AUDITORS | {"audit_admin"}
WHOLE_CITY = frozenset({"city_steward"})
SEE_TEXTS = WHOLE_CITY | {"system_admin"}
APPROVERS = frozenset({"approver"})
OPEN_CASES = REVIEWERS | {"clerk"}
BIND_HOUSEHOLDS = OPEN_CASES
HELPERS = frozenset({"helper"})
WORK_CASES = OPEN_CASES | APPROVERS
SEE_CASES = WORK_CASES | STEWARDS | AUDITORS | {"supervisor", "leader"}

# What is read in the trail: an event of a household, and what was done to a household or person.
TRAIL = frozenset({"event", "household_trail", "person_trail"})

Body = Callable[[Any], Any]  # the object's id → what is sent


@dataclass(frozen=True)
class Line:
    """Who may use a route, on what, and what it answers then.

    `about`: the kind of object that the address or the body names.
    `lists`: the kind of object whose visible ones, and no others, the answer must show.
    """

    who: frozenset[str]
    about: str = "nothing"
    ok: tuple[int, ...] = (200,)
    body: Body | None = None
    form: Body | None = None
    query: str = ""
    lists: str | None = None
    audited: bool = True


def sees_household(actor: str, case: str) -> bool:
    """Design decision 7 and the regions."""
    who = ACTORS[actor]
    if actor not in SEE_HOUSEHOLDS or case == "absent":
        return False
    if case == "other_county" and who.region != CITY:
        return False
    return sees_scheme(who, case)


def sees_scheme(who: Who, case: str) -> bool:
    """Tell whether someone's department or role reaches what is of a case."""
    if who.department == "D01" or who.role in {"steward", "auditor", "leader"}:
        return True
    # The household of that case holds nothing of D04.
    return who.department is not None and case != "wrong_department"


_OF_HOUSEHOLDS = frozenset(
    {"household", "person", "request", "case", "helper", "assignment", "referral", "signed_list"}
)


def sees(kind: str, actor: str, case: str) -> bool:
    """Tell whether an object exists for someone."""
    if kind in _OF_HOUSEHOLDS:
        return sees_household(actor, case)
    if kind in TRAIL:  # an auditor's regions; the audit administrator keeps the whole trail
        whole = ACTORS[actor].region == CITY or actor == "audit_admin"
        return case != "absent" and (case != "other_county" or whole)
    if kind in {"batch", "scheme"}:  # a department's file has no region; a scheme is housing's
        return case != "absent" and sees_scheme(ACTORS[actor], case)
    if kind in _OF_OFFICES:
        return _OF_OFFICES[kind](ACTORS[actor], case)
    if kind in {"review", "act"}:
        return case != "absent" and (case != "other_county" or ACTORS[actor].region == CITY)
    own = kind in {"task", "message", "session", "export", "decision_list", "roster_act"}
    return case == "own" if own else case != "absent"  # accounts, and what is about nothing


def _sees_rise(who: Who, case: str) -> bool:
    """Tell of a rise: of one's whole county, or the city; of one's department, or all."""
    if case == "absent" or who.department is None:
        return False
    if who.department == "D04":
        return case == "wrong_department"
    return case != "other_county" or who.region == CITY


def _changes_news(who: Who, case: str) -> bool:
    """Tell of an article that one may change: of one's regions and one's own department."""
    if case == "absent" or (case == "other_county" and who.region != CITY):
        return False
    return who.department == ("D04" if case == "wrong_department" else "D01")


def _sees_news(who: Who, case: str) -> bool:
    """Tell of an article: those that one may change, or of all departments in one's regions."""
    if case == "absent" or (case == "other_county" and who.region != CITY):
        return False
    sees_all = who.department == "D01" or who.role in {"auditor", "leader"}
    return sees_all or _changes_news(who, case)


_OF_OFFICES: dict[str, Callable[[Who, str], bool]] = {
    "rise": _sees_rise,
    "news": _sees_news,
    "news_act": _changes_news,
}


def expected(line: Line, actor: str | None, case: str, *, page: bool) -> tuple[int, ...] | None:
    """Return the statuses of the refusal that is right, or None if it is to be allowed."""
    if actor is None:
        return (303,) if page else (401,)
    if actor not in line.who:
        return (403,)
    if not sees(line.about, actor, case):
        return (404,)
    if line.about in {"account_change", "proposal"} and case == "own":
        return (403,)
    return None


HOME = "/households/<uuid:household_id>"
DAYS = "true_on=2026-10-20&believed_on=2026-11-20"


def past(prefix: str, pages: dict[str, str]) -> dict[tuple[str, str], Line]:
    """Pages of the past, of a household and of a person: page → query."""
    return {
        ("GET", f"{prefix}/{kind}s/<uuid:{kind}_id>/{page}"): Line(
            SEE_HOUSEHOLDS, about=kind, query=query
        )
        for kind in ("household", "person")
        for page, query in pages.items()
    }
