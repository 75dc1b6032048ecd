"""A public notice runs its full days, and is late only after a working day in which to end it."""

from datetime import date, datetime

import pytest
from sqlalchemy import select, update

from relief.core.clock import CHINA
from relief.jobs.deadlines import watch_deadlines
from relief.review.models import CaseReminder, CaseStage
from relief.schemes.models import Parameter
from relief.schemes.types import StageKind
from tests.console.conftest import Browser
from tests.support.objecting import done, refused, to_notice


@pytest.fixture
def case(office):
    """A notice that hangs from Monday 23 November up to Monday the 30th."""
    return to_notice(office, office.apply("S04")["case"]["id"])


def notice(office, case):
    [row] = [one for one in office.show(case)["stages"] if one["kind"] == "public_notice"]
    return row


def days(row):
    return row["hangs_until"], row["due_on"], row["due_provisional"]


def late(office):
    answer = office.client("D01", "clerk").get("/v1/cases?late=true")
    return [one["id"] for one in answer.json["items"]]


def told(office, session):
    """By which rules something is told of a notice until now."""
    watch_deadlines(session, now=office.clock())
    session.commit()
    return set(
        session.scalars(
            select(CaseReminder.rule_code)
            .join(CaseStage, CaseStage.id == CaseReminder.stage_id)
            .where(CaseStage.kind == StageKind.PUBLIC_NOTICE, CaseReminder.told_at.is_not(None))
        )
    )


def at(office, month, day, hour):
    office.clock.moment = datetime(2026, month, day, hour, tzinfo=CHINA)
    office.later(0)


def page(office, path):
    browser = Browser(office.app)
    browser.client.set_cookie("relief_session", office.cookie("D01", "clerk"))
    return browser.get(path).text


def test_a_notice_is_not_late_on_the_day_on_which_it_may_be_ended(office, session, case):
    shown = notice(office, case)
    assert days(shown) == ("2026-11-30", "2026-12-01", False)
    at(office, 11, 30, 23)
    assert "公示至 2026-11-30 24 时止" in refused(office.end(case, shown), 409, "notice-runs")

    at(office, 12, 1, 18)

    assert (late(office), told(office, session)) == ([], set())
    [row] = office.client("D01", "clerk").get("/v1/my-turn").json["items"]
    assert days(row) == days(shown)
    detail = done(office.end(case, shown))
    assert late(office) == []
    assert [one["status"] for one in detail["stages"] if one["code"] == "PUBLIC"] == ["ended"]
    assert "逾期办结" not in page(office, f"/cases/{case}")


def test_after_that_day_it_is_late_and_its_office_and_those_above_are_told(office, session, case):
    at(office, 12, 2, 1)

    assert late(office) == [case]
    assert told(office, session) == {"overdue", "overdue_superior"}
    text = page(office, f"/cases/{case}")
    assert "公示至 2026-11-30，办结至 2026-12-01 逾期" in " ".join(text.split())
    done(office.end(case, notice(office, case)))
    assert "逾期办结" in page(office, f"/cases/{case}")


def test_the_page_and_the_list_show_both_days(office, case):
    for path in (f"/cases/{case}", "/cases/my-turn"):
        words = " ".join(page(office, path).split())
        assert "公示至 2026-11-30，办结至 2026-12-01" in words
    assert "公示至 2026-11-30 24 时止，期满后办结，最迟 2026-12-01 办结" in page(
        office, f"/cases/{case}"
    )


def test_a_notice_that_ends_before_days_off_is_ended_on_the_next_working_day(office):
    at(office, 11, 27, 9)  # a Friday: it hangs up to the next, and Saturday is off
    case = to_notice(office, office.apply("S04")["case"]["id"])

    assert days(notice(office, case)) == ("2026-12-04", "2026-12-07", False)


def test_in_a_year_not_announced_the_day_is_provisional(office):
    at(office, 12, 24, 9)  # a Thursday: it hangs up to New Year's Eve
    case = to_notice(office, office.apply("S04")["case"]["id"])

    assert days(notice(office, case)) == ("2026-12-31", "2027-01-01", True)


def test_how_many_days_there_are_is_a_parameter_and_stays_with_the_notice(office, session, case):
    session.execute(
        update(Parameter).where(Parameter.name == "notice_closing_days").values(value=3)
    )
    session.commit()
    other = to_notice(office, office.apply("S04")["case"]["id"])

    assert days(notice(office, other))[1] == "2026-12-03"
    assert days(notice(office, case))[1] == "2026-12-01"
    [row] = session.scalars(select(Parameter).where(Parameter.name == "notice_closing_days"))
    assert (row.confidence, row.valid_from) == ("D", date(2020, 1, 1))


def test_while_papers_are_waited_for_nobody_can_end_it_and_the_days_after_it_stand(office, case):
    clerk = office.client("D01", "clerk")
    wait = {"reason": "papers", "missing": "残疾人证复印件"}
    assert clerk.post(f"/v1/cases/{case}/pause", json=wait).status_code == 200
    assert days(notice(office, case)) == ("2026-11-30", None, False)

    at(office, 12, 3, 9)
    assert office.client("D01", "clerk").post(f"/v1/cases/{case}/resume").status_code == 200

    # On the day on which they come the clock stands still.
    assert days(notice(office, case)) == ("2026-11-30", "2026-12-04", False)
    assert notice(office, case)["due_unpaused_on"] == "2026-12-01"
