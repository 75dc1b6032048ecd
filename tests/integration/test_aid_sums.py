"""The sums that each merge keeps: spells, months and regions say what the records say."""

import itertools
import random
from collections import Counter
from datetime import date, timedelta

import psycopg
import pytest
from alembic import command
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from relief.cli.setup import prepare_database
from relief.core.config import PREFIX
from relief.core.db import session_on
from relief.core.scope import subtree
from relief.registry.merging.service import merge
from relief.registry.models import (
    AidYear,
    Enrolment,
    Person,
    RegionAid,
    SourceIdentity,
    SourceLink,
    SourceRecord,
)
from relief.registry.queries.months import unpack
from tests.support.check_migrations import alembic_config
from tests.support.database import accounts_on
from tests.support.settings import CIPHER, START, cipher_with
from tests.support.source import number, send, undo

BORN = date(1980, 3, 4)
VILLAGE, OTHER_VILLAGE, TOWNSHIP = 210302002001, 210302002003, 210302003000
WEST = 210303001001


def person(sequence, records, **more):
    return {
        "name": f"人{sequence}",
        "number": number(BORN, sequence),
        "records": [(date(*day), fen) for day, fen in records],
        **more,
    }


def spells_of(session, scheme):
    return session.scalars(select(Enrolment.spells).where(Enrolment.scheme_code == scheme)).one()


@pytest.mark.parametrize(
    ("scheme", "days", "expected"),
    [
        # 低保, monthly: a month left out ends a spell.
        ("S01", [(2026, 1, 1)], [((2026, 1, 1), (2026, 2, 1))]),
        ("S01", [(2025, 11, 1), (2025, 12, 1), (2026, 1, 1)], [((2025, 11, 1), (2026, 2, 1))]),
        (
            "S01",
            [(2026, 1, 1), (2026, 2, 1), (2026, 4, 1)],
            [((2026, 1, 1), (2026, 3, 1)), ((2026, 4, 1), (2026, 5, 1))],
        ),
        # Yearly: two years running are one spell, a year left out ends it.
        ("S28", [(2024, 1, 1), (2025, 1, 1)], [((2024, 1, 1), (2026, 1, 1))]),
        (
            "S28",
            [(2022, 1, 1), (2024, 1, 1)],
            [((2022, 1, 1), (2023, 1, 1)), ((2024, 1, 1), (2025, 1, 1))],
        ),
        # Yearly by the day of the decision: a month late is a gap of more than the period.
        (
            "S06",
            [(2024, 5, 20), (2025, 6, 3)],
            [((2024, 5, 1), (2025, 5, 1)), ((2025, 6, 1), (2026, 6, 1))],
        ),
        ("S06", [(2024, 5, 20), (2025, 4, 3)], [((2024, 5, 1), (2026, 4, 1))]),
        # Terms: spring and autumn follow each other.
        ("S18", [(2025, 3, 1), (2025, 9, 1)], [((2025, 3, 1), (2026, 3, 1))]),
        (
            "S18",
            [(2025, 3, 1), (2026, 3, 1)],
            [((2025, 3, 1), (2025, 9, 1)), ((2026, 3, 1), (2026, 9, 1))],
        ),
        # Given once: the month of the day.
        ("S03", [(2025, 3, 17)], [((2025, 3, 1), (2025, 4, 1))]),
    ],
)
def test_a_spell_ends_with_a_gap_longer_than_the_lists_period(
    session, cipher, scheme, days, expected
):
    send(session, cipher, scheme, person(1, [(day, 100) for day in days]), now=START)

    merge(session, cipher=CIPHER, actor_id=None, now=START)

    assert spells_of(session, scheme) == [Range(date(*lo), date(*hi)) for lo, hi in expected]


def test_two_records_of_one_month_are_one_month_of_a_spell(session, cipher):
    twice = person(1, [((2026, 1, 1), 100), ((2026, 1, 1), 50), ((2026, 2, 1), None)])
    send(session, cipher, "S01", twice, now=START)

    merge(session, cipher=CIPHER, actor_id=None, now=START)

    assert spells_of(session, "S01") == [Range(date(2026, 1, 1), date(2026, 3, 1))]
    year = session.scalars(select(AidYear)).one()
    assert (year.times, year.amount_fen, year.months) == (3, 150, 0b11)
    assert (year.month_times, year.month_fen) == ([2, 1], [150, 0])


def test_equal_months_take_no_arrays(session, cipher):
    send(session, cipher, "S01", person(1, [((2026, m, 1), 100) for m in (1, 2, 12)]), now=START)

    merge(session, cipher=CIPHER, actor_id=None, now=START)

    year = session.scalars(select(AidYear)).one()
    assert (year.months, year.month_times, year.month_fen) == (0b1000_0000_0011, None, None)


def a_city(session, cipher, seed):
    """Files of four schemes with people of five places, once and several times a month."""
    dice = random.Random(seed)  # noqa: S311  # a town, not a secret
    places = [VILLAGE, OTHER_VILLAGE, TOWNSHIP, WEST, 210302000000]
    batches = []
    for scheme in ("S01", "S28", "S18", "S03"):
        rows = [
            person(
                sequence,
                [
                    (
                        (dice.randint(2023, 2026), dice.choice([1, 3, 9, 12]), 1),
                        dice.choice([None, 100, 250_00, 999_99]),
                    )
                    for _ in range(dice.randint(1, 5))
                ],
                region_code=places[sequence % len(places)],
            )
            for sequence in range(1, 11)
            if dice.random() < 0.8
        ]
        batches.append(send(session, cipher, scheme, *rows, now=START))
    return batches


def counted_over_the_records(session):
    """Times and fen of each person's records, the slow way: what the sums must come to."""
    rows = session.execute(
        select(
            SourceLink.person_id,
            Person.home_region_code,
            SourceIdentity.scheme_code,
            SourceRecord.period_on,
            SourceRecord.amount_fen,
        )
        .join(SourceIdentity, SourceIdentity.id == SourceRecord.identity_id)
        .join(SourceLink, SourceLink.identity_id == SourceIdentity.id)
        .join(Person, Person.id == SourceLink.person_id)
    )
    return [
        (*row[:3], row.period_on.year, row.period_on.month, row.amount_fen or 0) for row in rows
    ]


def sums_as_kept(session):
    """(person, scheme, year, month) → [times, fen], from the yearly sums."""
    return {
        (row.person_id, row.scheme_code, row.year, month.month): [month.times, month.amount_fen]
        for row in session.scalars(select(AidYear))
        for month in unpack(
            row.months, amount_fen=row.amount_fen, times=row.month_times, fen=row.month_fen
        )
    }


@pytest.mark.parametrize("seed", range(5))
def test_the_sums_come_to_what_the_records_come_to(session, cipher, seed):
    batches = a_city(session, cipher, seed)
    moment = START
    for taken_back in (None, batches[0]):  # a second merge writes the difference
        if taken_back is not None:
            undo(session, taken_back)
        moment += timedelta(minutes=1)
        merge(session, cipher=CIPHER, actor_id=None, now=moment)
        session.expire_all()

        records = counted_over_the_records(session)
        by_person: dict = {}
        by_region: Counter = Counter()
        people: dict = {}
        for who, region, scheme, year, month, fen in records:
            sums = by_person.setdefault((who, scheme, year, month), [0, 0])
            sums[0] += 1
            sums[1] += fen
            for above in {region // step * step for step in (1, 10**3, 10**6, 10**8)}:
                by_region[above, scheme, year, month, "times"] += 1
                by_region[above, scheme, year, month, "fen"] += fen
                people.setdefault((above, scheme, year), set()).add(who)

        assert sums_as_kept(session) == by_person
        kept = session.scalars(select(RegionAid)).all()
        assert {(r.region_code, r.scheme_code, r.year): r.persons for r in kept} == {
            key: len(found) for key, found in people.items()
        }
        for row, month in itertools.product(kept, range(1, 13)):
            key = (row.region_code, row.scheme_code, row.year, month)
            assert row.times[month - 1] == by_region[*key, "times"]
            assert row.amount_fen[month - 1] == by_region[*key, "fen"]


def test_a_region_holds_all_that_lies_below_it(session, cipher):
    a_city(session, cipher, seed=7)
    merge(session, cipher=CIPHER, actor_id=None, now=START)

    def total(code):
        rows = session.scalars(select(RegionAid).where(RegionAid.region_code == code))
        return sum(sum(row.amount_fen) for row in rows)

    below = session.execute(
        select(Person.home_region_code, AidYear.amount_fen).join(
            AidYear, AidYear.person_id == Person.id
        )
    ).all()
    for code in (210300000000, 210302000000, 210302002000, VILLAGE, WEST):
        assert total(code) == sum(fen for region, fen in below if region in subtree(code))
        assert total(code) > 0


SUMS = (
    "SELECT region_code, year, scheme_code, persons, times, amount_fen FROM region_aid",
    "SELECT person_id, scheme_code, spells::text FROM enrolment",
    "SELECT person_id, scheme_code, year, months, month_times, month_fen FROM aid_year",
)


def test_the_migration_fills_in_what_a_merge_would_write(empty_database_url, monkeypatch):
    urls = accounts_on(empty_database_url)
    for role, url in urls.items():
        monkeypatch.setenv(PREFIX + role.setting, url)
    prepare_database(urls, now=START, admin_url=empty_database_url)
    with session_on(empty_database_url) as session:
        a_city(session, cipher_with(), seed=3)
        merge(session, cipher=CIPHER, actor_id=None, now=START)

    def sums():
        with psycopg.connect(empty_database_url) as connection:
            return [sorted(connection.execute(query).fetchall(), key=repr) for query in SUMS]

    merged = sums()
    command.downgrade(alembic_config(), "0005_key_rotation")
    command.upgrade(alembic_config(), "head")

    assert sums() == merged
    assert all(merged)
    with psycopg.connect(empty_database_url) as connection:
        noted = connection.execute(
            "SELECT DISTINCT before ->> 'spells' FROM row_version"
            " WHERE table_name = 'enrolment' AND reason = 'migration 0006'"
        ).fetchall()
    assert noted == [("{}",)]
