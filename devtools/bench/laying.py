"""Lays a city's cases: some that the services make, and their copies for everybody in the registry.

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
from sqlalchemy import make_url, select
from sqlalchemy.orm import Session

from devtools.bench.copying import copy_cases
from devtools.bench.templates import Staff, Walker, make_staff
from relief.core.db import session_on
from relief.registry.models import Person

# Long and short ways, one department and many, with a notice and without.
SCHEMES = ("S01", "S02", "S03", "S05", "S06", "S09", "S10", "S11", "S16", "S21")
PAST, OPEN = "past", "open"
AMOUNT_FEN = 100_00
_STATES = {OPEN: ("submitted", "accepted", "ready"), PAST: ("granted", "refused", "withdrawn")}
_BEGUN = {OPEN: timedelta(days=1), PAST: timedelta(days=15)}  # before the copies' own days
_AT_ONCE = 200_000
_WHO = """
CREATE TEMP TABLE bench_person AS
SELECT row_number() OVER (ORDER BY id) - 1 AS i, id, home_region_code / 1000000 AS county
FROM person WHERE died_on IS NULL AND id <> ALL (%s)
"""
_WHAT = "CREATE TEMP TABLE bench_template (kind text, scheme integer, state integer, id uuid)"
_PEOPLE = "SELECT count(*) FROM bench_person"
# Nobody has two live cases of one scheme: each round of people takes the next scheme.
_SLOTS = """
SELECT g.n, p.id, p.county, p.i, mod(g.n / s.people + p.i, s.schemes) AS scheme,
    g.n / (s.people * s.schemes) AS round
FROM (SELECT %(people)s::bigint AS people, %(schemes)s::bigint AS schemes) s,
    generate_series(%(first)s::bigint, %(last)s::bigint) AS g(n)
JOIN bench_person p ON p.i = mod(g.n, %(people)s::bigint)
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


class TooFewPeople(Exception):
    """The registry has not so many people that each has one live case of a scheme."""


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
    """Lay so many cases in a database with a registry, by a superuser's address.

    Raises TooFewPeople.
    """
    began = time.perf_counter()
    with session_on(url) as session:
        staff = make_staff(session, password=password, now=now)
        found = session.scalars(select(Person.id).where(Person.died_on.is_(None)).limit(6)).all()
        made = list(_templates(session, staff, found, now))
    with psycopg.connect(_plain(url)) as connection:
        connection.execute(_WHO, [found])
        connection.execute(_WHAT)
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO bench_template VALUES (%s, %s, %s, %s)", made)
        connection.execute("ANALYZE bench_person")
        cases = _copy(connection, PAST, past) + _copy(connection, OPEN, still_open)
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        row = connection.execute(
            "SELECT sum(reltuples)::bigint FROM pg_class WHERE relkind = 'r'"
            " AND (relname LIKE 'case\\_%' OR relname IN ('aid_case', 'entitlement'))"
        ).fetchone()
    return Laid(cases, row[0] if row else 0, time.perf_counter() - began)


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _templates(
    session: Session, staff: Staff, people: Sequence[uuid.UUID], now: datetime
) -> Iterator[tuple[str, int, int, uuid.UUID]]:
    """Make a case of each scheme and state, each state for somebody else."""
    states = [(kind, state) for kind, names in _STATES.items() for state in names]
    for number, scheme in enumerate(SCHEMES):
        for person, (kind, state) in zip(people, states, strict=True):
            walker = Walker(session, staff, now - _BEGUN[kind])
            if state == "ready":
                walker.now = now - _BEGUN[PAST]
            case = walker.submit(person, scheme)
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
    people = row[0] if row else 0
    if kind == OPEN and count > people * len(SCHEMES):
        message = f"{people} people for {count} open cases of {len(SCHEMES)} schemes"
        raise TooFewPeople(message)
    copied = 0
    for first in range(0, count, _AT_ONCE):
        slots = {
            "people": people,
            "schemes": len(SCHEMES),
            "first": first,
            "last": min(first + _AT_ONCE, count) - 1,
        }
        copied += copy_cases(connection, _COPIES[kind].format(slots=_SLOTS), slots)
        connection.commit()
    return copied
