"""Which schemes are offered to whom may enter a roster: what the act accepts."""

from relief.core.scope import Scope, subtree
from relief.review.recognition import rosters
from tests.support.drafting import TODAY, publish, with_limit
from tests.support.settings import START

DEPARTMENTS = [f"D{number:02}" for number in range(1, 14)]


def test_offered_is_what_the_act_accepts(roster, session):
    """The version in force has D04 tell the applicant; who takes part in the joint review stays."""
    publish(session, change=with_limit("NOTICE", 3, owner="county_zj"), valid_from=TODAY)
    session.commit()
    offered, accepted = {}, {}
    for code in DEPARTMENTS:
        scope = Scope((subtree(210300000000),), code)
        offered[code] = [one.code for one in rosters.offered(session, scope=scope, now=START)]
        accepted[code] = [
            scheme
            for scheme in ("S13", "S15", "S24", "S26", "S28")
            if rosters.takes_part(session, scope=scope, scheme_code=scheme, on=TODAY)
        ]

    assert offered == accepted
    assert offered["D04"] == ["S13", "S15", "S24", "S26", "S28"]
    assert offered["D12"] == []


def test_what_is_offered_takes_five_queries(roster, session, assert_queries):
    scope = Scope((subtree(210300000000),), "D04")
    drawn = ["S13", "S26", "S28"]
    with assert_queries(5):
        assert [one.code for one in rosters.offered(session, scope=scope, now=START)] == drawn
