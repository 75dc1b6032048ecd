"""Who may do what, written from the design and not from the code that is tested.

Every route of the staff application stands here once: method, rule, who may, and about what.
A route that does not is a failure of the test.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.api import access_bodies as bodies

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
    "system_admin": Who("system_admin"),
    "security_admin": Who("security_admin"),
    "audit_admin": Who("audit_admin"),
    "without_role": Who(None, "D01", EAST),
}

EVERYONE = frozenset(name for name in ACTORS)
ADMINISTRATORS = frozenset({"system_admin", "security_admin", "audit_admin"})
SEE_HOUSEHOLDS = EVERYONE - ADMINISTRATORS - {"without_role"}
MONEY = frozenset({"finance_clerk", "finance_reviewer"})
CASEWORK = SEE_HOUSEHOLDS - MONEY - {"leader"}
AUDITORS = frozenset({"auditor", "city_auditor"})
STEWARDS = frozenset({"steward", "city_steward"})
DECIDE_ACCESS = frozenset({"approver", "supervisor"})
REVIEWERS = frozenset({"reviewer", "city_reviewer", "unplaced", "housing"})
SEE_BATCHES = STEWARDS | REVIEWERS | {"approver", "auditor", "city_auditor", "leader"}
SEE_REVIEWS = STEWARDS | AUDITORS
SEE_ACCOUNTS = ADMINISTRATORS | AUDITORS
SECURITY = frozenset({"security_admin"})
READ_AUDIT = AUDITORS | {"audit_admin"}
WHOLE_CITY = frozenset({"city_steward"})

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


def sees(kind: str, actor: str, case: str) -> bool:
    """Tell whether an object exists for someone."""
    if kind in {"household", "person", "request"}:
        return sees_household(actor, case)
    if kind in TRAIL:  # an auditor's regions; the audit administrator keeps the whole trail
        whole = ACTORS[actor].region == CITY or actor == "audit_admin"
        return case != "absent" and (case != "other_county" or whole)
    if kind == "batch":  # a department's file has no region
        return case != "absent" and sees_scheme(ACTORS[actor], case)
    if kind in {"review", "act"}:
        return case != "absent" and (case != "other_county" or ACTORS[actor].region == CITY)
    if kind in {"task", "message", "session"}:
        return case == "own"
    return case != "absent"  # accounts, and what is about nothing


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


PUBLIC = {
    ("GET", "/healthz"),
    ("GET", "/openapi.json"),
    ("POST", "/v1/sign-in"),
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("GET", "/static/<path:filename>"),
    ("GET", "/assets/<path:filename>"),
}

API: dict[tuple[str, str], Line] = {
    ("POST", "/v1/sign-out"): Line(EVERYONE, ok=(204,)),
    ("GET", "/v1/me"): Line(EVERYONE),
    ("GET", "/v1/sessions"): Line(EVERYONE),
    ("DELETE", "/v1/sessions/<uuid:session_id>"): Line(EVERYONE, about="session", ok=(204,)),
    ("POST", "/v1/sessions/end-others"): Line(EVERYONE, ok=(204,)),
    ("POST", "/v1/session/step-up"): Line(EVERYONE, ok=(422,), body=lambda _: {"proof": "no"}),
    ("POST", "/v1/me/password"): Line(EVERYONE, ok=(422,), body=bodies.new_password),
    # Whose role asks for a second factor has one already.
    ("POST", "/v1/me/second-factor"): Line(EVERYONE, ok=(200, 409)),
    ("POST", "/v1/me/second-factor/confirmation"): Line(
        EVERYONE, ok=(409,), body=lambda _: {"code": "000000"}
    ),
    ("GET", "/v1/households"): Line(SEE_HOUSEHOLDS, lists="household"),
    ("POST", "/v1/households/search"): Line(
        SEE_HOUSEHOLDS, body=lambda _: {"name": "户"}, lists="household"
    ),
    ("GET", "/v1/households/<uuid:household_id>"): Line(SEE_HOUSEHOLDS, about="household"),
    ("GET", "/v1/persons/<uuid:person_id>"): Line(SEE_HOUSEHOLDS, about="person"),
    ("POST", "/v1/persons/<uuid:person_id>/unmask"): Line(
        CASEWORK, about="person", body=bodies.unmask
    ),
    ("GET", "/v1/access-requests"): Line(CASEWORK),  # of all, only who decides sees others'
    ("POST", "/v1/access-requests"): Line(CASEWORK, about="person", ok=(201,), body=bodies.ask),
    ("POST", "/v1/access-requests/<uuid:request_id>/decision"): Line(
        DECIDE_ACCESS, about="request", body=bodies.decide
    ),
    ("GET", "/v1/batches"): Line(SEE_BATCHES, lists="batch"),
    ("GET", "/v1/batches/<uuid:batch_id>"): Line(SEE_BATCHES, about="batch"),
    ("GET", "/v1/batches/<uuid:batch_id>/rejected-rows"): Line(SEE_BATCHES, about="batch"),
    ("POST", "/v1/batches"): Line(WHOLE_CITY, ok=(202,), form=bodies.file),
    ("POST", "/v1/batches/<uuid:batch_id>/undo"): Line(WHOLE_CITY, about="batch", ok=(202,)),
    # Nothing of these files was rejected, which only who may take the rows is told.
    ("POST", "/v1/batches/<uuid:batch_id>/rejected-file"): Line(
        WHOLE_CITY, about="batch", ok=(409,)
    ),
    ("GET", "/v1/link-reviews"): Line(SEE_REVIEWS, lists="review"),
    ("GET", "/v1/link-reviews/<uuid:review_id>"): Line(SEE_REVIEWS, about="review"),
    # The question is about one person only, so there is nothing to decide.
    ("POST", "/v1/link-reviews/<uuid:review_id>/decision"): Line(
        STEWARDS, about="review", ok=(409,), body=bodies.verdict
    ),
    ("GET", "/v1/link-acts"): Line(SEE_REVIEWS, lists="act"),
    ("POST", "/v1/link-acts/<uuid:act_id>/withdraw"): Line(
        STEWARDS, about="act", body=lambda _: {"reason": "核对有误，撤回"}
    ),
    ("GET", "/v1/persons/<uuid:person_id>/descriptions"): Line(STEWARDS, about="person"),
    # What was seen is not what there is.
    ("POST", "/v1/persons/<uuid:person_id>/split"): Line(
        STEWARDS,
        about="person",
        ok=(409,),
        body=lambda _: {"identities": [str(_)], "seen": "x", "reason": "不是同一人"},
    ),
    ("POST", "/v1/persons/<uuid:person_id>/merge"): Line(
        STEWARDS,
        about="person",
        ok=(422,),
        body=lambda person: {
            "other_id": str(person),
            "seen": "x",
            "other_seen": "x",
            "reason": "是同一人",
        },
    ),
    ("GET", "/v1/tasks/<uuid:task_id>"): Line(EVERYONE, about="task"),
    ("GET", "/v1/regions"): Line(EVERYONE),
    ("GET", "/v1/departments"): Line(EVERYONE),
    ("GET", "/v1/schemes"): Line(EVERYONE),
    ("GET", "/v1/code-tables"): Line(EVERYONE, query="table=sex"),
    ("GET", "/v1/accounts"): Line(SEE_ACCOUNTS, lists="account"),
    ("POST", "/v1/accounts"): Line(frozenset({"system_admin"}), ok=(201,), body=bodies.new_account),
    ("GET", "/v1/accounts/<uuid:account_id>"): Line(SEE_ACCOUNTS, about="account"),
    ("POST", "/v1/accounts/<uuid:account_id>/disable"): Line(
        frozenset({"security_admin"}), about="account_change"
    ),
    ("GET", "/v1/audit-events"): Line(READ_AUDIT, lists="event", query="action=household:merged"),
    ("GET", "/v1/audit-state"): Line(READ_AUDIT),
    ("GET", "/v1/audit-trail/households/<uuid:household_id>"): Line(
        READ_AUDIT, about="household_trail"
    ),
    ("GET", "/v1/audit-trail/persons/<uuid:person_id>"): Line(READ_AUDIT, about="person_trail"),
    ("GET", "/v1/audit-trail/persons/<uuid:person_id>/lookers"): Line(
        READ_AUDIT, about="person_trail"
    ),
    **{
        (method, f"/v1/accounts/<uuid:account_id>/{what}"): Line(
            SECURITY, about="account_change", ok=ok
        )
        for method, ok in (("PUT", (202,)), ("DELETE", (200,)))
        for what in ("roles/<role>", "regions/<code>")
    },
    # The account that others' changes are tried on has no second factor to take away.
    ("POST", "/v1/accounts/<uuid:account_id>/second-factor/reset"): Line(
        SECURITY, about="account_change", ok=(409,)
    ),
    ("GET", "/v1/accounts/<uuid:account_id>/sessions"): Line(SECURITY, about="account"),
    ("POST", "/v1/accounts/<uuid:account_id>/sessions/end"): Line(
        SECURITY, about="account_change", body=lambda _: {}
    ),
    ("GET", "/v1/grants"): Line(SECURITY, lists="proposal"),
    ("POST", "/v1/grants/<uuid:proposal_id>/decision"): Line(
        SECURITY, about="proposal", body=bodies.decide
    ),
}


SYSTEM = frozenset({"system_admin"})
THEN = (303,)  # a form that was accepted leads to a page

PAGES: dict[tuple[str, str], Line] = {
    ("GET", "/"): Line(EVERYONE),
    ("GET", "/tasks/mine"): Line(EVERYONE, lists="task"),
    # That one has read one's own notice is told to nobody.
    ("POST", "/messages/<uuid:message_id>/read"): Line(
        EVERYONE, about="message", ok=THEN, audited=False
    ),
    ("GET", "/households"): Line(SEE_HOUSEHOLDS, lists="household"),
    ("POST", "/households/search"): Line(
        SEE_HOUSEHOLDS, ok=THEN, form=lambda _: {"way": "name", "text": "户甲"}
    ),
    ("GET", "/households/regions"): Line(SEE_HOUSEHOLDS),
    ("GET", "/households/<uuid:household_id>"): Line(SEE_HOUSEHOLDS, about="household"),
    ("GET", "/persons/<uuid:person_id>"): Line(SEE_HOUSEHOLDS, about="person"),
    ("POST", "/persons/<uuid:person_id>/whole"): Line(
        CASEWORK, about="person", form=lambda _: {"purpose": bodies.PURPOSE}
    ),
    ("POST", "/persons/<uuid:person_id>/access-requests"): Line(
        CASEWORK, about="person", ok=THEN, form=lambda _: {"purpose": bodies.PURPOSE}
    ),
    ("GET", "/access-requests"): Line(DECIDE_ACCESS, lists="request"),
    ("POST", "/access-requests/<uuid:request_id>/decision"): Line(
        DECIDE_ACCESS,
        about="request",
        ok=THEN,
        form=lambda _: {"decision": "approve", "reason": "情况属实"},
    ),
    ("GET", "/batches"): Line(SEE_BATCHES, lists="batch"),
    ("GET", "/batches/<uuid:batch_id>"): Line(SEE_BATCHES, about="batch"),
    ("GET", "/batches/new"): Line(WHOLE_CITY),
    ("POST", "/batches"): Line(WHOLE_CITY, ok=THEN, form=bodies.files),
    ("POST", "/batches/<uuid:batch_id>/rejected-rows"): Line(WHOLE_CITY, about="batch", ok=(409,)),
    ("GET", "/batches/<uuid:batch_id>/undo"): Line(WHOLE_CITY, about="batch"),
    ("POST", "/batches/<uuid:batch_id>/undo"): Line(WHOLE_CITY, about="batch", ok=THEN),
    ("GET", "/link-reviews"): Line(SEE_REVIEWS, lists="review"),
    ("GET", "/link-reviews/<uuid:review_id>"): Line(SEE_REVIEWS, about="review"),
    ("POST", "/link-reviews/<uuid:review_id>/decision"): Line(
        STEWARDS,
        about="review",
        ok=(409,),
        form=lambda _: {"verdict": "same", "seen": "x", "reason": "papers"},
    ),
    ("GET", "/link-acts"): Line(SEE_REVIEWS, lists="act"),
    ("POST", "/link-acts/<uuid:act_id>/withdraw"): Line(
        STEWARDS, about="act", ok=THEN, form=lambda _: {"reason": "核对有误，撤回"}
    ),
    ("GET", "/persons/<uuid:person_id>/split"): Line(STEWARDS, about="person"),
    ("POST", "/persons/<uuid:person_id>/split"): Line(STEWARDS, about="person", ok=(422,)),
    ("GET", "/persons/<uuid:person_id>/merge"): Line(STEWARDS, about="person"),
    # The two in the address are one person here.
    ("GET", "/persons/<uuid:person_id>/merge/<uuid:other_id>"): Line(
        STEWARDS, about="person", ok=(422,)
    ),
    ("POST", "/persons/<uuid:person_id>/merge/<uuid:other_id>"): Line(
        STEWARDS, about="person", ok=(422,), form=lambda _: {"reason": "papers"}
    ),
    ("GET", "/audit"): Line(READ_AUDIT, lists="household_trail", query="subject_type=household"),
    ("GET", "/audit/state"): Line(READ_AUDIT),
    ("GET", "/audit/accounts/<uuid:account_id>"): Line(READ_AUDIT, about="account"),
    ("GET", "/audit/households/<uuid:household_id>"): Line(READ_AUDIT, about="household_trail"),
    ("GET", "/audit/persons/<uuid:person_id>"): Line(READ_AUDIT, about="person_trail"),
    ("GET", "/audit/persons/<uuid:person_id>/lookers"): Line(READ_AUDIT, about="person_trail"),
    ("GET", "/accounts"): Line(SEE_ACCOUNTS, lists="account"),
    ("GET", "/accounts/new"): Line(SYSTEM),
    ("POST", "/accounts"): Line(SYSTEM, ok=THEN, form=bodies.account_form),
    ("GET", "/accounts/<uuid:account_id>"): Line(SEE_ACCOUNTS, about="account"),
    ("POST", "/accounts/<uuid:account_id>/roles"): Line(
        SECURITY, about="account_change", ok=THEN, form=lambda _: {"role": "reviewer"}
    ),
    ("POST", "/accounts/<uuid:account_id>/regions"): Line(
        SECURITY, about="account_change", ok=THEN, form=lambda _: {"code": WEST}
    ),
    ("POST", "/accounts/<uuid:account_id>/regions/remove"): Line(
        SECURITY, about="account_change", ok=THEN, form=lambda _: {"code": EAST}
    ),
    ("GET", "/accounts/<uuid:account_id>/disable"): Line(SECURITY, about="account"),
    ("POST", "/accounts/<uuid:account_id>/disable"): Line(
        SECURITY, about="account_change", ok=THEN
    ),
    ("POST", "/accounts/<uuid:account_id>/second-factor/reset"): Line(
        SECURITY, about="account_change", ok=(409,)
    ),
    ("POST", "/accounts/<uuid:account_id>/sessions/end"): Line(
        SECURITY, about="account_change", ok=THEN
    ),
    ("GET", "/grants"): Line(SECURITY, lists="proposal"),
    ("POST", "/grants/<uuid:proposal_id>/decision"): Line(
        SECURITY,
        about="proposal",
        ok=THEN,
        form=lambda _: {"decision": "approve", "reason": "情况属实"},
    ),
    ("GET", "/sessions"): Line(EVERYONE),
    ("POST", "/sessions/<uuid:session_id>/end"): Line(EVERYONE, about="session", ok=THEN),
    ("POST", "/sessions/end-others"): Line(EVERYONE, ok=THEN),
    # These have given their code, and are led to the first page.
    ("GET", "/me/code"): Line(EVERYONE, ok=THEN),
    ("POST", "/me/code"): Line(EVERYONE, ok=THEN, audited=False),
    ("GET", "/me/confirm"): Line(EVERYONE),
    ("POST", "/me/confirm"): Line(EVERYONE, ok=(422,), form=lambda _: {"proof": "no"}),
    ("GET", "/me/password"): Line(EVERYONE),
    ("POST", "/me/password"): Line(EVERYONE, ok=(422,), form=lambda _: {"present": "no"}),
    ("GET", "/me/second-factor"): Line(EVERYONE),
    ("POST", "/me/second-factor"): Line(EVERYONE, ok=(303, 409)),
    ("POST", "/me/second-factor/confirmation"): Line(
        EVERYONE, ok=(409,), form=lambda _: {"code": "000000"}
    ),
    ("POST", "/sessions/leave"): Line(EVERYONE, ok=THEN),
    ("POST", "/sessions/leave-everywhere"): Line(EVERYONE, ok=THEN),
}

TABLE = API | PAGES

# Who opens one of these has looked at someone: exactly one row says so.
LOOKS = frozenset(
    {
        ("GET", "/v1/households/<uuid:household_id>"),
        ("GET", "/v1/persons/<uuid:person_id>"),
        ("GET", "/households/<uuid:household_id>"),
        ("GET", "/persons/<uuid:person_id>"),
        # A question shows both people of it, and a choice of records whom they speak of.
        ("GET", "/v1/link-reviews/<uuid:review_id>"),
        ("GET", "/v1/persons/<uuid:person_id>/descriptions"),
        ("GET", "/link-reviews/<uuid:review_id>"),
        ("GET", "/persons/<uuid:person_id>/split"),
        ("GET", "/persons/<uuid:person_id>/merge"),
        # What the trail tells of someone is a look at them too.
        ("GET", "/v1/audit-trail/households/<uuid:household_id>"),
        ("GET", "/v1/audit-trail/persons/<uuid:person_id>"),
        ("GET", "/v1/audit-trail/persons/<uuid:person_id>/lookers"),
        ("GET", "/audit/households/<uuid:household_id>"),
        ("GET", "/audit/persons/<uuid:person_id>"),
        ("GET", "/audit/persons/<uuid:person_id>/lookers"),
    }
)
