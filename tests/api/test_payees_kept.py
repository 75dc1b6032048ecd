"""What was entered and confirmed of a payee stays as it was: the database refuses the rest."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.api.test_changes import done
from tests.api.test_payees import case, confirm, enter, home, states, take_back
from tests.support.paying import payee

__all__ = ["case", "home"]  # the fixtures

PAYEE = "UPDATE case_payee SET"
ENTERED = (
    "holder = 'x'", "bank_code = '000000000000'", "number_masked = 'x'", "number_id = id",
    "proof = 'x'", "reason = 'x'", "old_phones = ARRAY[id]", "told = '{x}'", "proposed_at = now()",
    "phone_masked = 'x'", "case_id = id", "form = 'passbook'",
)  # fmt: skip


def refused(session, change):
    """By which rule the database refuses a change, to the owner too."""
    with pytest.raises(IntegrityError) as fault, session.begin_nested():
        session.execute(text(change))
    assert fault.value.orig.sqlstate == "23001"
    return fault.value.orig.diag.constraint_name


@pytest.mark.parametrize("confirmed", [False, True])
def test_what_was_entered_is_kept(office, session, case, confirmed):
    done(enter(office, case, payee()))
    if confirmed:
        done(confirm(office, case))

    for change in ENTERED:
        assert refused(session, f"{PAYEE} {change}") == "case_payee_kept"
    assert refused(session, "DELETE FROM case_payee") == "case_payee_kept"


def test_what_was_confirmed_only_ends(office, session, case):
    done(enter(office, case, payee()))
    done(confirm(office, case))

    for change in (
        "state = 'refused', held = NULL", "answer = 'x'", "answered_at = now()", "households = 9",
        "state = 'proposed', held = NULL, answered_by = NULL, answered_at = NULL, answer = NULL",
        "state = 'replaced', held = tstzrange('2020-01-01', now())", "state = 'replaced'",
    ):  # fmt: skip
        assert refused(session, f"{PAYEE} {change}") == "case_payee_confirmed"
    done(enter(office, case, payee(3)))
    done(confirm(office, case))
    assert {state for state, _ in states(office, case)} == {"in_force", "replaced"}


@pytest.mark.parametrize("end", ["replaced", "refused", "withdrawn"])
def test_what_is_over_is_closed(office, session, case, end):
    done(enter(office, case, payee()))
    if end == "withdrawn":
        done(take_back(office, case))
    elif end == "refused":
        done(confirm(office, case, confirmed=False))
    else:
        done(confirm(office, case))
        done(enter(office, case, payee(3)))
        done(confirm(office, case))

    change = f"{PAYEE} answer = 'x' WHERE state = '{end}'"
    assert refused(session, change) == "case_payee_closed"
