"""A signature is the same in both databases, and found by its index."""

from datetime import date

import duckdb
import pytest
from sqlalchemy import text

from relief.registry.merging.signatures import DUCKDB, POSTGRESQL, signature
from tests.support.settings import START
from tests.support.source import number, send

ROWS = (
    {"name": "王建国", "number": number(date(1980, 3, 4), 1), "household_number": "7"},
    {"name": "阿卜杜热依木·麦麦提", "number": "无", "born_on": date(1899, 12, 31)},
    {"name": "王|建国", "household_number": "A|7"},
    {"name": "李秀英", "number": None, "born_on": None},
)
OF_POSTGRESQL = signature(POSTGRESQL, "i.")


def test_postgresql_and_duckdb_give_the_same(session, cipher):
    send(session, cipher, "S01", *ROWS, now=START)
    session.execute(text("SET LOCAL DateStyle = 'SQL, DMY'"))  # a date's form must not matter
    ours = session.execute(
        text(
            f"SELECT {OF_POSTGRESQL}, name_key, citizen_id::text, born_on, citizen_id_valid,"  # noqa: S608
            " department_code, household_number, region_code FROM source_identity i"
        )
    ).all()
    with duckdb.connect() as bench:
        bench.execute(
            "CREATE TABLE identity (name_key VARCHAR, citizen_id UUID, born_on DATE,"
            " valid BOOLEAN, department VARCHAR, household_number VARCHAR, region BIGINT)"
        )
        for row in ours:
            bench.execute("INSERT INTO identity VALUES (?, ?, ?, ?, ?, ?, ?)", list(row[1:]))
        theirs = bench.execute(f"SELECT {signature(DUCKDB)} FROM identity").fetchall()  # noqa: S608

    assert [row[0] for row in ours] == [row[0] for row in theirs]
    assert len({row[0] for row in ours}) == len(ROWS)


def test_a_signature_is_found_by_its_index(session):
    session.execute(text("SET LOCAL enable_seqscan = off"))

    plan = session.execute(
        text(f"EXPLAIN SELECT id FROM source_identity i WHERE {OF_POSTGRESQL} = 'x'")  # noqa: S608
    ).scalars()

    assert "ix_source_identity_signature" in " ".join(plan)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"household_number": "8", "region_code": 210303002000}, True),
        ({"number": None, "born_on": date(1980, 3, 4)}, False),
        ({"name": "王建园"}, False),
        ({"born_on": date(1980, 4, 3)}, False),
    ],
)
def test_a_valid_number_says_who_is_meant_wherever_it_stands(session, cipher, change, same):
    send(session, cipher, "S01", ROWS[0], ROWS[0] | change, now=START)

    found = session.execute(text(f"SELECT {OF_POSTGRESQL} FROM source_identity i")).scalars()  # noqa: S608

    assert (len(set(found)) == 1) is same
