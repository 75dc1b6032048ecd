"""By the database: what was decided stays as it was; what is of the seeds only the owner adds."""

import logging
from datetime import date
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relief.core.config import normalise_url
from relief.core.database_roles import DatabaseRole
from relief.review.rising import service
from relief.schemes import samples, seeding
from relief.schemes.models import Parameter
from relief.schemes.types import Origin
from tests.support.database import accounts_on
from tests.support.drafting import publish
from tests.support.rising import CITY_CODE, RISEN_ON, SOURCE, STANDARD, Rising
from tests.support.settings import START

RISE = "UPDATE standard_rise SET"
OF_SEEDS = (
    "INSERT INTO procedure SELECT (jsonb_populate_record(p, jsonb_build_object('version', 9))).*"
    " FROM procedure p WHERE code = 'W_STD20'"
)
STAGE = (
    "INSERT INTO procedure_stage SELECT (jsonb_populate_record(s, jsonb_build_object("
    "'code', 'MORE', 'position', 99))).* FROM procedure_stage s"
    " WHERE procedure_code = 'W_STD20' AND code = 'MATCH'"
)
VALUE = (
    "INSERT INTO parameter (name, region_code, valid_from, value, source, confidence, origin)"
    " VALUES ('disability_living_min', 210300000000, '2026-12-01', 500, '通知', 'V', %s)"
)


@pytest.fixture
def rising(town):
    return Rising(town)


@pytest.fixture
def web(spare_database_url):
    """A connection of the web account."""
    with psycopg.connect(accounts_on(spare_database_url)[DatabaseRole.WEB]) as connection:
        yield connection


def refused(session, change):
    """By which rule the database refuses a change, to the owner too."""
    with pytest.raises(IntegrityError) as fault, session.begin_nested():
        session.execute(text(change))
    assert fault.value.orig.sqlstate == "23001"
    return fault.value.orig.diag.constraint_name


def test_what_a_rise_carries_out_is_kept_from_the_beginning(rising, session):
    rising.granted()
    rising.publish()
    rise_id = rising.start()

    for change in (
        "reason = 'x'", "standards = '[]'", "paid_from = '2027-01-01'", "total = 0",
        "region_code = 210302000000", "drawn_by = signed_by", "effective_on = '2026-10-01'",
    ):  # fmt: skip
        assert refused(session, f"{RISE} {change}") == "standard_rise_kept"
    assert refused(session, "DELETE FROM standard_rise") == "standard_rise_kept"
    assert rising.town.work()
    assert rising.told(rise_id).status.value == "drawn"


def test_a_list_that_was_drawn_and_signed_stays_the_one_that_was(rising, session):
    rising.granted()
    rising.publish()
    rise_id = rising.drawn()
    for change in ("digest = NULL", "digest = '\\x00'", "drawn_at = now()", "status = 'drawing'"):
        assert refused(session, f"{RISE} {change}") == "standard_rise_drawn"

    rising.sign(rise_id)
    for change in (
        "signed_by = drawn_by", "signed_at = now()", "status = 'drawn'",
        "status = 'drawn', signed_by = NULL, signed_at = NULL",
    ):  # fmt: skip
        assert refused(session, f"{RISE} {change}") == "standard_rise_signed"
    rising.act(service.stop, rise_id)
    rising.act(service.resume, rise_id)
    assert rising.town.work()

    assert rising.told(rise_id).status.value == "done"
    for change in ("status = 'stopped', stopped_for = 'person'", "ended_at = NULL", "version = 9"):
        assert refused(session, f"{RISE} {change}") == "standard_rise_closed"


def test_a_rise_that_was_given_up_stays_so(rising, session):
    rising.granted()
    rising.publish()
    rise_id = rising.drawn()
    rising.act(service.cancel, rise_id)

    change = "UPDATE standard_rise SET status = 'drawn', ended_at = NULL"
    assert refused(session, change) == "standard_rise_closed"


def test_a_published_parameter_and_its_draft_are_kept(rising, session):
    draft_id = rising.draft()
    session.execute(
        text("UPDATE parameter_draft SET source = :source"), {"source": SOURCE}
    )  # still open
    rising.publish(on=date(2026, 12, 1))
    of_value = f"WHERE name = '{STANDARD}' AND valid_from = '2026-12-01'"

    for change in (
        "UPDATE parameter SET value = 1",
        "UPDATE parameter SET origin = 'seeds'",
        "DELETE FROM parameter",
    ):
        assert refused(session, f"{change} {of_value}") == "parameter_published"
    change = "UPDATE parameter SET origin = 'console' WHERE valid_from < '2026-12-01'"
    assert refused(session, change) == "parameter_origin"
    for change in ("UPDATE parameter_draft SET value = 1", "DELETE FROM parameter_draft"):
        closed = f"{change} WHERE published_at IS NOT NULL"
        assert refused(session, closed) == "parameter_draft_closed"
    session.execute(text("DELETE FROM parameter_draft WHERE id = :id"), {"id": draft_id})


def test_what_the_seeds_say_of_the_very_day_is_not_loaded_over_it(rising, monkeypatch, caplog):
    rising.publish()
    catalogue = seeding.read_catalogue()
    [citys] = [one for one in catalogue["parameters"] if one["name"] == STANDARD]
    more = citys | {"valid_from": RISEN_ON, "value": 95}
    catalogue["parameters"] += [more, more | {"valid_from": date(2027, 1, 1), "value": 130}]
    monkeypatch.setattr(seeding, "read_catalogue", lambda: catalogue)

    with rising.town.opened() as session, caplog.at_level(logging.WARNING):
        assert seeding.load_seeds(session, now=rising.town.clock()) == {"parameter": 1}

    with rising.town.opened() as session:
        kept = session.get_one(Parameter, (STANDARD, CITY_CODE, RISEN_ON))
        assert (kept.value, kept.origin) == (Decimal(100), Origin.CONSOLE)
        later = session.get_one(Parameter, (STANDARD, CITY_CODE, date(2027, 1, 1)))
        assert (later.value, later.origin) == (Decimal(130), Origin.SEEDS)
    told = [one for one in caplog.records if one.message == "parameter of the seeds not loaded"]
    assert [one.parameter for one in told] == [STANDARD]


def test_nor_does_the_sample(session):
    samples.load_county_standards(session, now=START)
    row = session.scalars(select(Parameter).where(Parameter.region_code % 10**8 != 0)).first()
    key, worth = (row.name, row.region_code, row.valid_from), row.value + 1
    session.execute(
        text("DELETE FROM parameter WHERE (name, region_code, valid_from) = (:n, :r, :d)"),
        dict(zip("nrd", key, strict=True)),
    )
    session.expire_all()
    session.add(
        Parameter(
            name=key[0], region_code=key[1], valid_from=key[2], value=worth, source="通知",
            confidence="V", origin=Origin.CONSOLE,
        )
    )  # fmt: skip
    session.flush()

    samples.load_county_standards(session, now=START)

    assert session.get_one(Parameter, key, populate_existing=True).value == worth


@pytest.mark.parametrize(
    ("statement", "rule"), [(OF_SEEDS, "procedure_origin"), (STAGE, "procedure_origin")]
)
def test_the_web_account_adds_no_version_of_the_seeds_and_no_stage_to_one(web, statement, rule):
    with pytest.raises(psycopg.errors.RestrictViolation) as refusal:
        web.execute(statement)

    assert refusal.value.diag.constraint_name == rule


def test_nor_a_stage_to_a_version_that_two_persons_published(spare_database_url, web):
    engine = create_engine(normalise_url(spare_database_url))
    with Session(engine) as session, session.begin():
        publish(session)
    engine.dispose()

    with pytest.raises(psycopg.errors.RestrictViolation):
        web.execute(STAGE + " AND procedure_version = 2")


@pytest.mark.parametrize("origin", ["seeds", "console"])
def test_the_web_account_adds_no_parameter_that_nobody_published(web, origin):
    with pytest.raises(psycopg.errors.RestrictViolation) as refusal:
        web.execute(VALUE, [origin])

    assert refusal.value.diag.constraint_name == "parameter_origin"


def test_the_owner_loads_the_seeds(spare_database_url):
    with psycopg.connect(accounts_on(spare_database_url)[DatabaseRole.OWNER]) as owner:
        for statement in (OF_SEEDS, STAGE + " AND procedure_version = 1"):
            assert owner.execute(statement).rowcount == 1
        assert owner.execute(VALUE, ["seeds"]).rowcount == 1


def test_the_worker_reads_no_drafts(spare_database_url):
    with (
        psycopg.connect(accounts_on(spare_database_url)[DatabaseRole.WORKER]) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT FROM parameter_draft")
