"""Lays a city's cases: some that the services make, and their copies for those in the registry.

Past cases were decided or withdrawn more than a year ago; open ones stand at their acceptance, with
the departments, or before the decision, one in five of them behind its days.
"""

import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import make_url
from sqlalchemy.orm import Session

import relief.models  # noqa: F401  # every table that a case's rows name
from devtools.bench.copying import copy_cases
from devtools.bench.templates import Staff, Walker, make_staff
from relief.core.db import session_on

# Long and short ways, one department and many, with a notice and without.
SCHEMES = ("S01", "S02", "S03", "S05", "S06", "S16", "S18", "S21")
PAST, OPEN = "past", "open"
AMOUNT_FEN = 100_00
_STATES = {OPEN: ("submitted", "accepted", "ready"), PAST: ("granted", "refused", "withdrawn")}
_BEGUN = {OPEN: timedelta(days=1), PAST: timedelta(days=15)}  # before the copies' own days
_AT_ONCE = 200_000
# Who is in the registry has aid by its records, which the checks of most schemes hold against
# another application. So those whose cases are open are new in it: a child each, in a home of its
# own, by whom no check finds anything.
_LIKE = """
CREATE TEMP TABLE bench_like AS
SELECT row_number() OVER (ORDER BY p.id) - 1 AS k, p.id AS person, m.household_id AS home,
    p.home_region_code / 1000000 AS county
FROM person p JOIN membership m ON m.person_id = p.id WHERE p.died_on IS NULL
"""
_NEWCOMERS = """
CREATE TEMP TABLE bench_newcomer AS
SELECT g.n AS i, uuidv7() AS id, uuidv7() AS home, b.person AS like_person, b.home AS like_home,
    b.county
FROM (
    SELECT n, mod(n, (SELECT count(*) FROM bench_like)) AS k
    FROM generate_series(0, %(newcomers)s::bigint - 1) AS s(n)
) g
JOIN bench_like b USING (k)
"""
_SETTLED = (
    """
INSERT INTO household SELECT (jsonb_populate_record(h, jsonb_build_object('id', n.home,
    'number', 'BENCH' || n.i, 'householder_id', n.id, 'phone', NULL, 'member_count', 1))).*
FROM bench_newcomer n JOIN household h ON h.id = n.like_home
""",
    """
INSERT INTO person SELECT (jsonb_populate_record(p, jsonb_build_object('id', n.id,
    'born_on', current_date - 3700 - mod(n.i, 700)::integer, 'citizen_id', NULL, 'phone', NULL,
    'account', NULL, 'health', NULL, 'marital', '10'))).*
FROM bench_newcomer n JOIN person p ON p.id = n.like_person
""",
    """
INSERT INTO membership SELECT (jsonb_populate_record(m, jsonb_build_object('person_id', n.id,
    'household_id', n.home))).*
FROM bench_newcomer n JOIN membership m ON m.person_id = n.like_person
""",
)
_WHO = """
CREATE TEMP TABLE bench_person AS
SELECT row_number() OVER (ORDER BY id) - 1 AS i, id, home_region_code / 1000000 AS county
FROM person p
WHERE died_on IS NULL AND NOT EXISTS (SELECT FROM bench_newcomer n WHERE n.id = p.id)
"""
_WHAT = "CREATE TEMP TABLE bench_template (kind text, scheme integer, state integer, id uuid)"
_PEOPLE = "SELECT count(*) FROM bench_person"
# A round gives each of the registry one case; their next round takes the next scheme.
_PAST_SLOTS = """
SELECT g.n, p.id, p.county, p.i, mod(g.n / s.people + p.i, s.schemes) AS scheme,
    g.n / (s.people * s.schemes) AS round
FROM (SELECT %(people)s::bigint AS people, %(schemes)s::bigint AS schemes) s,
    generate_series(%(first)s::bigint, %(last)s::bigint) AS g(n)
JOIN bench_person p ON p.i = mod(g.n, %(people)s::bigint)
"""
_OPEN_SLOTS = """
SELECT p.i - %(templates)s AS n, p.id, p.county, mod(p.i, %(schemes)s::bigint) AS scheme
FROM bench_newcomer p
WHERE p.i - %(templates)s BETWEEN %(first)s::bigint AND %(last)s::bigint
"""
_COPIES = {
    OPEN: """
SELECT s.n, t.id AS template, s.id AS person,
    (array[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,7,7,14,21])[1 + mod(s.n / 3, 20)] AS days,
    'SL' || s.county || '2026-8' || lpad(s.n::text, 7, '0') AS number
FROM ({slots}) s JOIN bench_template t ON t.kind = 'open' AND t.scheme = s.scheme
    AND t.state = mod(s.n / 5, 3)
""",
    # 54 weeks a round: what the same people were granted for a year in another does not overlap.
    PAST: """
SELECT s.n, t.id AS template, s.id AS person,
    (378 * (s.round + 1) + 7 * mod(s.i, 26))::integer AS days,
    'SL' || s.county || '2025-9' || lpad(s.n::text, 7, '0') AS number
FROM ({slots}) s JOIN bench_template t ON t.kind = 'past' AND t.scheme = s.scheme
    AND t.state = (array[0,0,0,0,0,0,0,1,1,2])[1 + mod(s.n / 3, 10)]
""",
}


@dataclass(frozen=True, slots=True)
class Laid:
    """What was laid, and in how many seconds."""

    cases: int
    rows: int
    seconds: float

    def as_json(self) -> dict[str, float]:
        """Return the figures; the rows are an estimate of all that hang on cases."""
        return {"cases": self.cases, "rows": self.rows, "seconds": round(self.seconds, 1)}


def lay(url: str, *, past: int, still_open: int, password: str, now: datetime) -> Laid:
    """Lay so many cases in a database with a registry, by a superuser's address."""
    began = time.perf_counter()
    templates = len(SCHEMES) * sum(len(names) for names in _STATES.values())
    with psycopg.connect(_plain(url)) as connection:
        found = _settle(connection, templates, still_open)
        with session_on(url) as session:
            staff = make_staff(session, password=password, now=now)
            made = list(_templates(session, staff, found, now))
        connection.execute(_WHAT)
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO bench_template VALUES (%s, %s, %s, %s)", made)
        connection.execute("ANALYZE bench_template")
        cases = _copy(connection, PAST, past) + _copy(connection, OPEN, still_open)
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        row = connection.execute(
            "SELECT sum(reltuples)::bigint FROM pg_class WHERE relkind = 'r'"
            " AND (relname LIKE 'case\\_%' OR relname IN ('aid_case', 'entitlement'))"
        ).fetchone()
    return Laid(cases, row[0] if row else 0, time.perf_counter() - began)


def _settle(
    connection: "psycopg.Connection[Any]", templates: int, still_open: int
) -> Sequence[uuid.UUID]:
    """Let newcomers settle, one for each template and each open case; return the first ones."""
    connection.execute(_LIKE)
    connection.execute("ANALYZE bench_like")
    connection.execute(_NEWCOMERS, {"newcomers": templates + still_open})
    for statement in _SETTLED:
        connection.execute(statement)
    connection.execute(_WHO)
    connection.execute("ANALYZE bench_newcomer")
    connection.execute("ANALYZE bench_person")
    connection.commit()
    chosen = "SELECT id FROM bench_newcomer WHERE i < %s ORDER BY i"
    return [row[0] for row in connection.execute(chosen, [templates]).fetchall()]


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _templates(
    session: Session, staff: Staff, people: Sequence[uuid.UUID], now: datetime
) -> Iterator[tuple[str, int, int, uuid.UUID]]:
    """Make a case of each scheme and state, each for somebody else."""
    applicants = iter(people)
    states = [(kind, state) for kind, names in _STATES.items() for state in names]
    for number, scheme in enumerate(SCHEMES):
        for kind, state in states:
            walker = Walker(session, staff, now - _BEGUN[kind])
            if state == "ready":
                walker.now = now - _BEGUN[PAST]
            case = walker.submit(next(applicants), scheme)
            _bring(walker, case, state)
            yield kind, number, _STATES[kind].index(state), case


def _bring(walker: Walker, case: uuid.UUID, state: str) -> None:
    if state == "accepted":
        walker.accept(case)
    elif state == "withdrawn":
        walker.accept(case)
        walker.withdraw(case)
    elif state != "submitted":
        walker.go_on(case)
        if state != "ready":
            walker.decide(case, amount_fen=AMOUNT_FEN if state == "granted" else None)


def _copy(connection: "psycopg.Connection[Any]", kind: str, count: int) -> int:
    """Copy the templates of a kind, part by part, each in a transaction of its own."""
    row = connection.execute(_PEOPLE).fetchone()
    slots = _OPEN_SLOTS if kind == OPEN else _PAST_SLOTS
    copied = 0
    for first in range(0, count, _AT_ONCE):
        numbers = {
            "people": row[0] if row else 0,
            "schemes": len(SCHEMES),
            "templates": len(SCHEMES) * sum(len(names) for names in _STATES.values()),
            "first": first,
            "last": min(first + _AT_ONCE, count) - 1,
        }
        copied += copy_cases(connection, _COPIES[kind].format(slots=slots), numbers)
        connection.commit()
    return copied
