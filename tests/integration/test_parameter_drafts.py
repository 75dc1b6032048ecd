"""A new value of a parameter: drafted by one, published by another, and what is refused."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from relief.audit.models import AuditEvent
from relief.organisation.models import Department
from relief.review.rising import values
from relief.review.rising.errors import (
    DraftEnded,
    DrafterPublishes,
    DraftNotFound,
    NotCityOffice,
    ParameterDrafted,
    ParameterNotLater,
    ParameterNotSettable,
)
from relief.review.rising.settable import settable
from relief.schemes import queries as schemes
from relief.schemes.models import Parameter
from relief.schemes.seeding import load_seeds
from tests.support.rising import CITY_CODE, RISEN_ON, SOURCE, STANDARD, Rising, standing_in


@pytest.fixture
def rising(town):
    return Rising(town)


def act(rising, what, draft_id, actor=None):
    with rising.town.opened() as session:
        what(
            session, actor=actor or rising.signer, draft_id=draft_id, now=rising.town.clock()
        )  # fmt: skip


def worth(rising, on):
    with rising.town.opened() as session:
        return schemes.parameter(session, STANDARD, on=on)


def test_it_holds_from_its_day_on_when_another_published_it(rising):
    draft_id = rising.draft()
    assert worth(rising, RISEN_ON) == 90

    act(rising, values.publish, draft_id)

    assert (worth(rising, date(2026, 10, 31)), worth(rising, RISEN_ON)) == (90, 100)
    with rising.town.opened() as session:
        row = session.get_one(Parameter, (STANDARD, CITY_CODE, RISEN_ON))
        told = values.get_draft(session, draft_id=draft_id)
        page = values.drafts(session, actor=rising.signer, limit=5, cursor=None)
        trail = session.scalars(
            select(AuditEvent.action)
            .where(AuditEvent.subject_id == draft_id)
            .order_by(AuditEvent.action)  # both are of one moment
        ).all()
    assert (row.unit, row.source, row.confidence) == ("CNY/month", SOURCE, "V")
    assert (told.label, told.value, told.published_at) == (
        "困难残疾人生活补贴标准", Decimal(100), rising.town.clock(),
    )  # fmt: skip
    assert page.items == [told]
    assert trail == ["parameter_draft:drafted", "parameter_draft:published"]


def test_loading_the_seeds_again_leaves_it(rising):
    rising.publish()

    with rising.town.opened() as session:
        assert load_seeds(session, now=rising.town.clock()) == {}

    assert worth(rising, RISEN_ON) == 100


def test_who_drafted_does_not_publish(rising):
    draft_id = rising.draft()

    with pytest.raises(DrafterPublishes):
        act(rising, values.publish, draft_id, rising.drawer)
    assert worth(rising, RISEN_ON) == 90


def test_nor_does_who_only_stands_in_for_who_may(rising):
    draft_id = rising.draft()

    with pytest.raises(NotCityOffice, match="代为办理"):
        act(rising, values.publish, draft_id, standing_in(rising.signer))
    assert worth(rising, RISEN_ON) == 90


def test_a_standard_is_the_citys(rising):
    draft_id, county = rising.draft(), rising.county()

    for what in (values.publish, values.discard):
        with pytest.raises(NotCityOffice):
            act(rising, what, draft_id, county)
    rising.drawer = county
    with pytest.raises(NotCityOffice):
        rising.draft(on=date(2026, 12, 1))


def test_one_value_for_a_day_until_it_is_discarded(rising):
    draft_id = rising.draft()
    with pytest.raises(ParameterDrafted):
        rising.draft(110)

    act(rising, values.discard, draft_id)

    with pytest.raises(DraftEnded):
        act(rising, values.publish, draft_id)
    again = rising.draft(110)
    act(rising, values.publish, again)
    with pytest.raises(DraftEnded):
        act(rising, values.discard, again)
    assert worth(rising, RISEN_ON) == 110


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2025, 12, 31)])
def test_what_held_is_not_written_anew(rising, day):
    with pytest.raises(ParameterNotLater, match="2026-01-01"):
        rising.draft(on=day)


def test_of_two_drafts_the_earlier_is_not_published_after_the_later(rising):
    earlier, later = rising.draft(), rising.draft(on=date(2026, 12, 1))
    act(rising, values.publish, later)

    with pytest.raises(ParameterNotLater):
        act(rising, values.publish, earlier)


def test_only_what_the_rules_of_ones_own_schemes_ask_for(rising):
    with pytest.raises(ParameterNotSettable):
        rising.draft(name="views_answer_days")
    with rising.town.opened() as session:
        others = session.scalars(
            select(Department.code).where(Department.code != "D01").order_by(Department.code)
        ).first()
        city = {"region_code": CITY_CODE, "on": RISEN_ON}
        assert STANDARD not in settable(session, department_code=others, **city)
        assert STANDARD in settable(session, department_code="D01", **city)


def test_what_there_is_not_is_not_published(rising):
    with pytest.raises(DraftNotFound):
        act(rising, values.publish, rising.signer.id)
    with rising.town.opened() as session, pytest.raises(DraftNotFound):
        values.get_draft(session, draft_id=rising.signer.id)
