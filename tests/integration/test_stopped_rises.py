"""What was stopped and still runs to the end of its month rises to that end, and no further."""

from sqlalchemy import select

from relief.funds.models import Entitlement
from tests.support.rising import Rising


def test_what_was_stopped_is_raised_to_its_end_and_tells_what_ended_it(town):
    rising = Rising(town)
    [case_id] = rising.granted()
    rising.publish()
    stopped = rising.stop(case_id)

    rising.risen()

    with rising.town.opened() as session:
        rows = session.scalars(select(Entitlement).order_by(Entitlement.amount_fen)).all()
        ended = [(one.amount_fen, one.period.isempty, one.period.upper) for one in rows]
        tells = [one.closed_by == stopped for one in rows]
    assert [(fen, never, str(upper)) for fen, never, upper in ended] == [
        (90_00, True, "None"), (100_00, False, "2026-12-01"),
    ]  # fmt: skip
    assert tells == [False, True]
