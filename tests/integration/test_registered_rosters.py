"""Rosters drawn from a register that a department delivers: who is named, and who only looks so."""

from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import Range

from relief.core.ages import months_after
from relief.core.reading_once import forget
from relief.registers.intake import service
from relief.registers.types import State
from relief.registry.models import Enrolment, Person
from relief.review.models import Case, CaseStep
from relief.review.recognition import rosters
from relief.review.recognition.models import CaseBasis
from relief.review.types import CaseStatus, Step
from tests.integration.test_roster_acts import PERSONAL, without_origin, written
from tests.support.confirming import listed, move_in
from tests.support.settings import START
from tests.support.source import number
from tests.support.victims import CHANGES, FLOOD, STORM, hit, judge, monitored, victim, watch

TODAY = START.date()


def families(roster, count=1, **given):
    """Families who have nothing that a roster asks for."""
    return roster.confirmed(count, **{"schemes": ("S01", "S14")} | given)


@pytest.fixture
def named(roster):
    """`named(scheme)`: whom the roster names, to a clerk of the whole city."""

    def found(scheme="S26", **scope):
        with roster.opened() as session:
            page = rosters.missing(
                session, scope=roster.clerk().scope, scheme_code=scheme, limit=50, cursor=None,
                now=roster.clock(), **scope,
            )  # fmt: skip
        return {row.person_id: row for row in page.items}

    return found


@pytest.fixture
def decided(session):
    """`decided(status)`: what becomes of all cases."""

    def become(status=CaseStatus.DECIDED):
        at = START if status is CaseStatus.DECIDED else None
        session.execute(update(Case).values(status=status, decided_at=at))
        session.commit()

    return become


def test_whom_a_disaster_hit_is_named_and_told_by_what(roster, session, named):
    [home] = families(roster)
    hit(session, victim(home))

    [row] = named().values()

    assert (row.person_id, row.checked_on) == (home.person_id, date(2026, 11, 1))
    assert row.told == (
        "受灾人员台账（数据截至2026年11月1日）列有张三：2026年洪涝，2026年8月3日受灾，"
        "核定损失 12000.00 元，自救困难"
    )


YEAR_AGO = months_after(TODAY, -12)


@pytest.mark.parametrize(
    ("given", "is_named"),
    [
        ({"kind": "able"}, False),
        ({"amount_fen": None}, False),  # the loss is not assessed yet
        ({"amount_fen": 0}, False),
        ({"amount_fen": 1}, True),
        ({"state": State.SUSPENDED}, False),
        ({"state": State.ENDED}, False),
        ({"removed": True}, False),
        ({"from_on": YEAR_AGO.replace(day=YEAR_AGO.day - 1)}, False),
        ({"from_on": YEAR_AGO}, False),
        ({"from_on": YEAR_AGO.replace(day=YEAR_AGO.day + 1)}, True),
    ],
)
def test_what_only_looks_like_a_victim_is_passed_over(roster, session, named, given, is_named):
    [home] = families(roster)
    hit(session, victim(home, **given))

    assert (home.person_id in named()) is is_named


@pytest.mark.parametrize(
    ("given", "is_named"),
    [
        ({"kind": "unstable"}, True),
        ({"kind": "sudden"}, True),
        ({"state": State.ENDED, "to_on": date(2026, 10, 30)}, False),
        ({"from_on": date(2019, 1, 1)}, True),  # monitored for long, and to this day
    ],
)
def test_who_is_monitored_is_named_until_the_risk_is_over(roster, session, named, given, is_named):
    [home] = families(roster)
    watch(session, monitored(home, **given))

    found = named("S28")

    assert (home.person_id in found) is is_named
    if given == {"kind": "sudden"}:
        told = "突发严重困难户，致贫返贫风险：因病，2026年10月12日识别"
        assert found[home.person_id].told.endswith(told)


@pytest.mark.parametrize(("day", "is_named"), [(23, False), (24, True)])
def test_a_list_of_long_ago_names_nobody(roster, session, named, day, is_named):
    [home] = families(roster)
    watch(session, monitored(home), day=date(2026, 5, day))

    assert (home.person_id in named("S28")) is is_named


def test_a_change_file_keeps_what_it_does_not_name(roster, session, named):
    """The register is as new as its newest file, whoever that names."""
    home, other = families(roster, 2)
    watch(session, monitored(home), day=date(2026, 5, 1))
    watch(session, monitored(other), content=CHANGES)

    assert set(named("S28")) == {home.person_id, other.person_id}


def test_nobody_is_named_who_is_not_here_or_dead_or_not_in_the_register(roster, session, named):
    dead, lost, *_ = families(roster, 3)
    hit(session, victim(dead), victim(number(sequence=9)))
    batch = hit(session, victim(lost), content=CHANGES)
    session.execute(update(Person).where(Person.id == dead.person_id).values(died_on=TODAY))
    service.undo(session, batch_id=batch, actor_id=None, now=START)
    session.commit()

    assert named() == {}


def test_a_household_is_named_once_by_who_heads_it(roster, session, named):
    home, wife = families(roster, 2)
    move_in(session, wife, home)
    hit(session, victim(home), victim(wife))
    watch(session, monitored(wife, name="李四"))

    assert set(named()) == set(named("S28")) == {home.person_id}


def test_one_event_is_entered_once_and_another_again(roster, session, named, decided):
    [home] = families(roster)
    hit(session, victim(home))
    roster.entered(scheme_code="S26")
    hit(session, victim(home, "风灾", from_on=STORM), content=CHANGES)
    [case] = roster.cases("S26")
    assert named() == {}  # one case of a scheme lives at a time

    decided()

    [row] = named().values()
    assert "2026年风灾" in row.told
    act = roster.entered(scheme_code="S26")
    assert roster.became(act) == {home.person_id: ("entered", None)}
    decided()
    assert named() == {}
    bases = {row.since_on: row.case_id for row in session.scalars(select(CaseBasis))}
    assert set(bases) == {FLOOD, STORM}
    assert bases[FLOOD] == case.id
    with pytest.raises(Exception, match="没有需要补办的人"):
        roster.begin(scheme_code="S26")


def test_of_two_events_the_oldest_is_first(roster, session, named):
    [home] = families(roster)
    hit(session, victim(home, "风灾", from_on=STORM), victim(home))

    assert "2026年洪涝" in named()[home.person_id].told


def test_what_was_withdrawn_may_be_entered_again(roster, session, named, decided):
    [home] = families(roster)
    hit(session, victim(home))
    roster.entered(scheme_code="S26")

    decided(CaseStatus.WITHDRAWN)

    assert set(named()) == {home.person_id}


def test_an_application_by_itself_is_about_the_event_too(roster, session, named, decided):
    """Entered at the window for the wife, the same household is not entered by the roster again."""
    home, wife = families(roster, 2)
    move_in(session, wife, home)
    hit(session, victim(home))
    case = roster.applied("S26", wife.person_id)

    kept = session.scalars(select(CaseBasis)).one()
    assert (kept.case_id, kept.since_on, kept.register) == (case, FLOOD, "disaster_victims")
    step = session.scalars(select(CaseStep).where(CaseStep.step == Step.LISTED)).one()
    assert step.note == f"{kept.told}（{kept.legal}）"
    decided()
    assert named() == {}


@pytest.mark.parametrize("happened", [TODAY, FLOOD])
@pytest.mark.parametrize("granted", [True, False])
def test_what_names_no_event_is_taken_for_one_before_it_unless_it_was_refused(
    roster, session, named, happened, granted
):
    [home] = families(roster)
    judge(roster, roster.applied("S26", home.person_id), granted=granted)

    hit(session, victim(home, from_on=happened))

    assert bool(named()) is not granted


def test_what_names_no_event_and_runs_is_no_second_to_it(roster, session, named):
    [home] = families(roster)
    roster.applied("S26", home.person_id)
    hit(session, victim(home))

    assert named() == {}


def test_an_event_after_what_names_none_is_another(roster, session, named, decided):
    [home] = families(roster)
    roster.applied("S26", home.person_id)
    decided()
    roster.clock.advance(days=2)
    hit(session, victim(home, from_on=date(2026, 11, 24)))

    assert set(named()) == {home.person_id}


def paid(session, home, on):
    session.execute(
        update(Enrolment)
        .where(Enrolment.person_id == home.person_id, Enrolment.scheme_code == "S26")
        .values(last_on=on, spells=[Range(on, date(2026, 12, 1))])
    )
    session.commit()


@pytest.mark.parametrize(
    ("on", "is_named"), [(date(2026, 8, 2), True), (FLOOD, False), (date(2026, 9, 1), False)]
)
def test_whom_the_list_of_the_scheme_names_since_the_event_has_it(
    roster, session, named, on, is_named
):
    [home] = families(roster, schemes=("S01", "S26"))
    paid(session, home, on)
    hit(session, victim(home))

    assert (home.person_id in named()) is is_named


def test_who_has_the_help_of_the_monitored_is_not_missing(roster, session, named):
    [home] = families(roster, schemes=("S01", "S28"))
    listed(session, home, "S28")
    watch(session, monitored(home))

    assert named("S28") == {}


def test_pages_go_on_where_they_ended(roster, session):
    homes = families(roster, 3)
    hit(session, *map(victim, homes))
    seen, cursor, pages = [], "", 0
    while cursor is not None:
        page = rosters.missing(
            session, scope=roster.clerk().scope, scheme_code="S26", limit=2,
            cursor=cursor or None, now=START,
        )  # fmt: skip
        seen += [row.person_id for row in page.items]
        cursor, pages = page.next_cursor, pages + 1

    assert (seen, pages) == (sorted(home.person_id for home in homes), 2)


def test_it_takes_as_many_statements_for_many_as_for_one(roster, session, assert_queries):
    scope = roster.clerk().scope
    hit(session, victim(families(roster)[0]))

    def read():
        forget(session)
        return rosters.drawn(session, scope=scope, scheme_code="S26", now=START, limit=50)

    with assert_queries(STATEMENTS):
        assert len(read()) == 1
    hit(session, *map(victim, families(roster, 12)), content=CHANGES)
    with assert_queries(STATEMENTS):
        assert len(read()) == 13


STATEMENTS = 18


def test_a_case_is_what_it_would_be_entered_by_itself(roster, session):
    alone, together = families(roster, 2)
    hit(session, victim(alone), victim(together))
    single = roster.applied("S26", alone.person_id)

    roster.entered(scheme_code="S26", need="家庭困难")

    [_, other] = roster.cases("S26")
    assert other.person_id == together.person_id
    first, second = (without_origin(written(session, one)) for one in (single, other.id))
    first["case"][0].pop("version")
    second["case"][0].pop("version")
    assert second == first
    kept = session.scalars(select(CaseBasis).order_by(CaseBasis.row_number)).all()
    plain = [
        {
            key: value
            for key, value in vars(row).items()
            if key not in {*PERSONAL, "row_number"} and not key.startswith("_")
        }
        for row in kept
    ]
    assert plain[0] == plain[1]


def test_who_is_named_for_an_act_and_stands_in_no_register_is_told_why(roster, session):
    home, stranger = families(roster, 2)
    hit(session, victim(home))

    act = roster.entered(scheme_code="S26", people=[home.person_id, stranger.person_id])

    assert roster.became(act) == {
        home.person_id: ("entered", None),
        stranger.person_id: ("not_entered", "off_roster"),
    }
    [place] = [one for one in roster.places(act) if one.person_id == home.person_id]
    assert place.told.startswith("受灾人员台账")


def test_who_left_the_register_since_the_act_began_is_not_entered(roster, session):
    home, other = families(roster, 2)
    hit(session, victim(home), victim(other))
    act = roster.begin(scheme_code="S26")
    hit(session, victim(home, state=State.ENDED), content=CHANGES)

    assert roster.work()

    assert roster.became(act) == {
        home.person_id: ("not_entered", "off_roster"),
        other.person_id: ("entered", None),
    }
