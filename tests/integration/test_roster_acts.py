"""Entering a roster by one act: each case as if entered by itself, and why somebody is not."""

from datetime import date

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import Range

from relief.accounts.models import Account
from relief.accounts.types import Role
from relief.audit.models import AuditEvent
from relief.core.ids import new_id
from relief.registers.types import Register
from relief.registry.models import Enrolment, Membership, Person
from relief.review import service as cases
from relief.review.errors import NotYours
from relief.review.kin.models import KinFiling
from relief.review.models import Case, CaseReminder, CaseStage, CaseStep
from relief.review.recognition import rosters
from relief.review.recognition.errors import NoRoster
from relief.review.recognition.models import CasePrefill, CaseRecognition
from relief.review.rostering import errors, opening, queries, service
from relief.review.rostering.types import PlaceStatus
from relief.schemes.models import Parameter
from relief.tasks.models import Task, TaskStatus
from tests.support.people import TIEXI
from tests.support.registers import deliver
from tests.support.rising import CITY_CODE
from tests.support.rostering import NEED, SCHEME
from tests.support.settings import START

PERSONAL = ("id", "case_id", "stage_id", "number", "person_id", "identity_id", "applicant_name")


def written(session, case_id):
    """Everything that was written of a case, without what is another of each case."""

    def plain(row):
        return {
            column.key: value
            for column in row.__table__.columns
            if column.key not in PERSONAL and (value := getattr(row, column.key)) is not None
        }

    found = {"case": [plain(session.get_one(Case, case_id))]}
    for model in (CaseStage, CaseStep, CaseRecognition, CasePrefill, CaseReminder):
        rows = session.scalars(select(model).where(model.case_id == case_id)).all()
        found[model.__tablename__] = sorted((plain(row) for row in rows), key=str)
    rows = session.scalars(select(AuditEvent).where(AuditEvent.subject_id == case_id))
    found["trail"] = sorted(
        (row.action, str(row.actor_id), row.region_code, sorted(row.details)) for row in rows
    )
    return found


def without_origin(found):
    """The household's number is another of each, and tells where what is known comes from."""
    for row in found["case_prefill"]:
        row.pop("origin")
    return found


def test_a_case_is_what_it_would_be_entered_by_itself(roster):
    alone, together = roster.confirmed(2)
    with roster.opened() as session:
        single = cases.submit(
            session, actor=roster.clerk(), person_id=alone.person_id, scheme_code=SCHEME,
            need=NEED, now=roster.clock(),
        )  # fmt: skip

    act = roster.act(roster.entered())

    assert (act.status.value, act.entered, act.not_entered, act.beyond) == ("done", 1, 0, False)
    [first, second] = roster.cases()
    assert (second.person_id, second.number) == (
        together.person_id, f"{first.number[:-6]}{int(first.number[-6:]) + 1:06}",
    )  # fmt: skip
    with roster.opened() as session:
        one, other = (without_origin(written(session, case)) for case in (single, second.id))
    one["case"][0].pop("version")
    other["case"][0].pop("version")
    assert other == one
    assert other["case_recognition"]
    assert other["case_reminder"]


def test_each_act_and_each_case_stands_in_the_trail_once(roster, session):
    homes = roster.confirmed(3)

    act_id = roster.entered()

    actions = session.scalars(
        select(AuditEvent.action).where(AuditEvent.subject_id == act_id)
    ).all()
    assert sorted(actions) == ["roster_act:begun", "roster_act:done"]
    submitted = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "case:submitted")
    ).all()
    assert len({row.subject_id for row in submitted}) == len(submitted) == len(homes)
    assert {row.actor_id for row in submitted} == {roster.clerk().id}


def test_who_is_no_longer_to_be_entered_is_told_why(roster, session):
    names = ("dead", "applied", "listed", "moved", "ended", "good")
    homes = dict(zip(names, roster.confirmed(6), strict=True))
    act_id = roster.begin()
    session.execute(
        update(Person).where(Person.id == homes["dead"].person_id).values(died_on=date(2026, 11, 1))
    )
    roster.applied(SCHEME, homes["applied"].person_id)
    session.execute(
        update(Enrolment)
        .where(Enrolment.person_id == homes["listed"].person_id)
        .values(scheme_code=SCHEME)
    )
    session.execute(
        update(Enrolment)
        .where(Enrolment.person_id == homes["ended"].person_id)
        .values(ended_on=date(2026, 11, 1))
    )
    session.execute(delete(Membership).where(Membership.person_id == homes["moved"].person_id))
    session.execute(
        update(Person).where(Person.id == homes["moved"].person_id).values(region_code=110101001001)
    )
    session.commit()

    assert roster.work()

    became = roster.became(act_id)
    assert {name: became[home.person_id] for name, home in homes.items()} == {
        "dead": ("not_entered", "dead"),
        "applied": ("not_entered", "under_way"),
        "listed": ("not_entered", "off_roster"),
        "ended": ("not_entered", "off_roster"),
        "moved": ("not_entered", "gone"),
        "good": ("entered", None),
    }


def test_whom_a_check_holds_is_not_entered_and_the_others_are(roster, session, cipher):
    held, *others = roster.confirmed(4)
    # A register of deaths names the first: a block (A03).
    deliver(
        session, cipher, Register.DEATHS,
        {"number": held.citizen_id, "kind": "funeral", "from_on": date(2026, 11, 1)}, now=START,
    )  # fmt: skip
    session.commit()

    act_id = roster.entered()

    places = {one.person_id: one for one in roster.places(act_id)}
    assert places[held.person_id].reason.value == "blocked"
    assert "已死亡" in places[held.person_id].note
    assert {places[one.person_id].status.value for one in others} == {"entered"}
    assert {case.person_id for case in roster.cases()} == {one.person_id for one in others}
    numbers = [int(case.number[-6:]) for case in roster.cases()]
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def test_kin_of_the_clerk_are_left_to_others(roster, session):
    mine, other = roster.confirmed(2)
    number = session.get_one(Person, mine.person_id).citizen_id
    session.add(
        KinFiling(
            id=new_id(START), account_id=roster.clerk().id, year=2026, own_number_id=number,
            filed_at=START,
        )
    )  # fmt: skip
    session.commit()

    became = roster.became(roster.entered())

    assert became == {
        mine.person_id: ("not_entered", "kin"),
        other.person_id: ("entered", None),
    }


def test_one_that_fails_stops_no_other(roster, monkeypatch):
    homes = roster.confirmed(3)
    real = opening._known_by  # noqa: SLF001  # a fault in the middle

    def broken(session, people):
        if homes[1].person_id in people:
            raise ValueError
        return real(session, people)

    monkeypatch.setattr(opening, "_known_by", broken)

    became = roster.became(roster.entered())

    assert became == {
        homes[0].person_id: ("entered", None),
        homes[1].person_id: ("not_entered", "failed"),
        homes[2].person_id: ("entered", None),
    }


def allow(session, most):
    """Let one act enter as many, and no more."""
    session.add(
        Parameter(
            name="roster_entries_max", region_code=CITY_CODE, valid_from=date(2026, 11, 1),
            value=most, unit="people", source="市里的规定", confidence="M",
        )
    )  # fmt: skip
    session.commit()


def test_an_act_enters_as_many_as_the_parameter_says(roster, session):
    roster.confirmed(3)
    allow(session, 2)

    first = roster.act(roster.entered())
    second = roster.act(roster.entered())

    assert [(one.entered, one.beyond) for one in (first, second)] == [(2, True), (1, False)]


def test_who_is_confirmed_no_longer_hides_nobody_behind_them(roster, session, monkeypatch):
    *left, last = sorted(roster.confirmed(3), key=lambda one: one.person_id)
    allow(session, 1)
    session.execute(  # the newest list names them no more, which ends no place by itself
        update(Enrolment)
        .where(Enrolment.person_id.in_([one.person_id for one in left]))
        .values(last_on=date(2026, 9, 1), spells=[Range(date(2026, 3, 1), date(2026, 10, 1))])
    )
    session.commit()
    with monkeypatch.context() as patch:  # a request ends, and says that it saw not all of them
        patch.setattr(service, "_DRAWS", 1)
        with pytest.raises(errors.NobodyMissing, match="较小的区划"):
            roster.begin()

    act_id = roster.entered()

    assert roster.became(act_id) == {last.person_id: ("entered", None)}
    assert not roster.act(act_id).beyond


def test_it_may_be_narrowed_to_a_region_or_to_some(roster):
    [here] = roster.confirmed(1, region=210302002001)
    there, more = roster.confirmed(2, region=210303001001)

    roster.entered(region=TIEXI, people=[there.person_id, here.person_id])
    assert {case.person_id for case in roster.cases()} == {there.person_id}
    roster.entered(region=TIEXI)
    assert {case.person_id for case in roster.cases()} == {there.person_id, more.person_id}


def test_a_clerk_has_one_act_of_a_scheme_at_a_time(roster):
    roster.confirmed(1)
    roster.begin()

    with pytest.raises(errors.ActRuns):
        roster.begin()


def test_what_cannot_be_begun_says_so(roster, session):
    with pytest.raises(errors.NobodyMissing):
        roster.begin()
    with pytest.raises(NoRoster):
        roster.begin(scheme_code="S01")
    roster.confirmed(1)
    with pytest.raises(NotYours):
        roster.begin(roster.actor(Role.CLERK, "D05"))


def test_who_may_enter_no_more_stops_it_and_may_go_on_later(roster, session):
    roster.confirmed(2)
    act_id = roster.begin()
    clerk = roster.clerk()
    session.execute(update(Account).where(Account.id == clerk.id).values(disabled_at=START))
    session.commit()
    assert roster.work()
    assert (roster.act(act_id).status.value, roster.cases()) == ("stopped", [])

    session.execute(update(Account).where(Account.id == clerk.id).values(disabled_at=None))
    session.commit()
    roster.resume(act_id)
    with pytest.raises(errors.ActNotStopped):
        roster.resume(act_id)
    assert roster.work()

    assert roster.act(act_id).entered == 2


def test_a_department_that_is_left_out_since_stops_it(roster, monkeypatch):
    roster.confirmed(1)
    act_id = roster.begin()
    monkeypatch.setattr(rosters, "takes_part", lambda *_, **__: False)

    assert roster.work()

    assert (roster.act(act_id).status.value, roster.cases()) == ("stopped", [])
    with pytest.raises(errors.MayNotEnter):
        roster.resume(act_id)


def test_an_act_whose_task_was_given_up_goes_on(roster, session):
    roster.confirmed(1)
    act_id = roster.begin()
    session.execute(update(Task).values(status=TaskStatus.FAILED, finished_at=START))
    session.commit()
    assert not roster.act(act_id).working

    roster.resume(act_id)
    assert roster.work()

    assert roster.act(act_id).status.value == "done"


def test_nobody_elses_act_exists(roster):
    roster.confirmed(1)
    act_id = roster.entered()
    stranger = roster.newcomer(Role.CLERK)

    with pytest.raises(errors.ActNotFound):
        roster.act(act_id, stranger)
    with pytest.raises(errors.ActNotFound):
        roster.places(act_id, stranger)
    with pytest.raises(errors.ActNotFound):
        roster.resume(act_id, stranger)


def test_a_sum_of_places_is_one_page_after_another(roster):
    roster.confirmed(3)
    act_id = roster.entered()
    told = {"account_id": roster.clerk().id, "act_id": act_id}
    with roster.opened() as session:
        first = queries.places(session, **told, limit=2, cursor=None)
        rest = queries.places(session, **told, limit=2, cursor=first.next_cursor)
        none = queries.places(session, **told, limit=2, cursor=None, status=PlaceStatus.LISTED)
        acts = queries.list_acts(session, account_id=roster.clerk().id, limit=5, cursor=None)
    assert [one.position for one in (*first.items, *rest.items)] == [1, 2, 3]
    assert (rest.next_cursor, none.items) == (None, [])
    assert [(one.id, one.total) for one in acts.items] == [(act_id, 3)]
