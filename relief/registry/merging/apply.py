"""Brings the registry's tables to what the workbench holds, touching only what differs."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from relief.core.db import driver
from relief.registry.merging.workbench import Workbench


@dataclass(frozen=True, slots=True)
class Target:
    """One table, its key, and the query of the workbench that gives its new content.

    `kept` columns are written for a new row and never changed after. `reached`: which rows may go
    in a merge of some parts only, as a condition on `t`; none if no row ever goes. `arrays`: the
    columns of a sum that hold one number a month.
    """

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    query: str
    kept: tuple[str, ...] = field(default=())
    reached: str = "true"
    arrays: tuple[str, ...] = field(default=())


@dataclass(slots=True)
class Change:
    """How many rows of one table a merge touched."""

    added: int = 0
    changed: int = 0
    removed: int = 0


_OF_OLD_PERSON = "t.person_id IN (SELECT id FROM old_person_id)"

# Parents before children: inserts go down this list, deletes go up.
TARGETS = (
    Target(
        "household_counter",
        ("county_code",),
        ("county_code", "last"),
        """
        SELECT county, max(last) FROM (
            SELECT county, last FROM counter
            UNION ALL SELECT county, running FROM household_id WHERE fresh
        ) GROUP BY county ORDER BY county
        """,
        reached="false",
    ),
    Target(
        "household",
        ("id",),
        (
            "id", "number", "county_code", "region_code", "address", "householder_id",
            "householder_name", "phone", "member_count", "category", "origins", "merged_at",
        ),
        """
        SELECT i.id, i.number, h.county, h.region, h.address, p.id, h.householder_name, h.phone,
               h.people, coalesce(c.category, 'other'), h.origins, $now
        FROM new_household h JOIN household_id i USING (household)
        JOIN person_id p ON p.cluster = h.householder
        LEFT JOIN new_category c USING (household) ORDER BY i.id
        """,
        kept=("number", "merged_at"),
        reached="t.id IN (SELECT id FROM old_household_id)",
    ),
    Target(
        "person",
        ("id",),
        (
            "id", "county_code", "region_code", "home_region_code", "name", "name_key",
            "name_sounds", "citizen_id", "sex", "born_on", "ethnicity", "marital", "phone",
            "account", "health", "address", "died_on", "origins", "merged_at",
        ),
        """
        SELECT i.id, p.county, p.region, coalesce(h.region, p.region), p.name, w.name_key,
               s.keys, p.citizen_id, p.sex, p.born_on, p.ethnicity, p.marital, p.phone,
               p.account, p.health, p.address, p.died_on, p.origins, $now
        FROM new_person p JOIN person_id i USING (cluster)
        LEFT JOIN new_member m USING (cluster)
        LEFT JOIN new_household h ON h.household = m.household
        JOIN identity w ON w.id = (p.origins->>'name')::UUID
        JOIN sound s USING (name_key) ORDER BY i.id
        """,
        kept=("merged_at",),
        reached="t.id IN (SELECT id FROM old_person_id)",
    ),
    Target(
        "membership",
        ("person_id",),
        (
            "person_id", "household_id", "county_code", "home_region_code", "relation",
            "source_id",
        ),
        """
        SELECT p.id, h.id, n.county, n.region, m.relation, m.source_id
        FROM new_member m JOIN person_id p USING (cluster) JOIN household_id h USING (household)
        JOIN new_household n USING (household) ORDER BY p.id
        """,
        reached=_OF_OLD_PERSON,
    ),
    Target(
        "identity_registry",
        ("citizen_id",),
        ("citizen_id", "person_id", "county_code"),
        """
        SELECT h.citizen_id, i.id, p.county
        FROM held h JOIN new_person p USING (cluster) JOIN person_id i USING (cluster)
        ORDER BY i.id, h.citizen_id
        """,
        reached=_OF_OLD_PERSON,
    ),
    Target(
        "enrolment",
        ("person_id", "scheme_code"),
        (
            "id", "scheme_code", "department_code", "county_code", "home_region_code",
            "person_id", "household_id", "first_on", "last_on", "record_count", "total_fen",
            "last_fen", "spells", "ended_on", "ended_by",
        ),
        """
        SELECT uuidv7(), e.scheme, s.department, n.county, n.region, p.id, h.id, e.first_on,
               e.last_on, e.record_count, e.total_fen, e.last_fen, e.spells, e.ended_on,
               e.ended_by
        FROM new_enrolment e JOIN scheme s ON s.code = e.scheme JOIN person_id p USING (cluster)
        JOIN new_member m USING (cluster) JOIN household_id h USING (household)
        JOIN new_household n USING (household) ORDER BY p.id, e.scheme
        """,
        kept=("id",),
        reached=_OF_OLD_PERSON,
    ),
    Target(
        "aid_year",
        ("person_id", "scheme_code", "year"),
        (
            "person_id", "scheme_code", "year", "household_id", "county_code",
            "home_region_code", "times", "amount_fen", "months", "month_times", "month_fen",
        ),
        """
        SELECT p.id, a.scheme, a.year, h.id, n.county, n.region, a.times, a.amount_fen,
               a.months, a.month_times, a.month_fen
        FROM new_aid_year a JOIN person_id p USING (cluster)
        JOIN new_member m USING (cluster) JOIN household_id h USING (household)
        JOIN new_household n USING (household) ORDER BY p.id, a.scheme, a.year
        """,
        reached=_OF_OLD_PERSON,
    ),
    Target(
        "source_link",
        ("identity_id",),
        ("identity_id", "person_id", "rule", "part_id"),
        """
        SELECT l.identity_id, p.id, l.rule, h.part_id
        FROM link l JOIN person_id p USING (cluster) JOIN identity_part h USING (identity_id)
        ORDER BY l.identity_id
        """,
        reached="t.identity_id IN (SELECT identity_id FROM wanted)",
    ),
    Target(
        "link_part",
        ("id",),
        ("id", "keys", "ties"),
        "SELECT id, keys, ties FROM new_part ORDER BY id",
        reached="t.id IN (SELECT part_id FROM in_reach)",
    ),
    Target(
        "newest_record",
        ("scheme_code",),
        ("scheme_code", "last_on"),
        "SELECT scheme, last_on FROM newest WHERE last_on IS NOT NULL ORDER BY scheme",
    ),
)  # fmt: skip
# Counted by a merge of everything.
CROWDED = Target("crowded_block", ("key",), ("key",), "SELECT key FROM new_crowded ORDER BY key")
# A sum over many parts: of some of them only the difference is known (`differences`).
REGIONS = Target(
    "region_aid",
    ("region_code", "year", "scheme_code"),
    ("region_code", "year", "scheme_code", "persons", "times", "amount_fen"),
    """
    SELECT region, year, scheme, persons, times, amount_fen
    FROM new_region_aid ORDER BY region, year, scheme
    """,
    arrays=("times", "amount_fen"),
)


def apply(
    session: Session,
    bench: Workbench,
    *,
    moment: str = "",
    targets: Sequence[Target] = TARGETS,
    narrow: bool = False,
) -> dict[str, Change]:
    """Add, change and remove rows until the tables are as the workbench says.

    An empty registry is filled by one COPY a table; otherwise the new content goes into temporary
    tables, and three statements a table make the difference. `narrow`: the workbench holds some
    parts, and rows of others stay. Returns what was done, by table.
    """
    if not narrow and not any(_has_rows(session, target.table) for target in targets):
        return _fill(session, bench, targets, moment=moment)
    for target in targets:
        _make(bench, target, moment=moment)
    stage(session, bench, targets)
    return _make_the_difference(session, targets, narrow=narrow)


def _make(bench: Workbench, target: Target, *, moment: str) -> None:
    """Make the new content of a table, called `out_…`."""
    query = target.query.replace("$now", f"'{moment}'")
    bench.run(f"CREATE TABLE out_{target.table} AS {query}")


def _fill(
    session: Session, bench: Workbench, targets: Sequence[Target], *, moment: str
) -> dict[str, Change]:
    """Copy into empty tables: while the database takes one, the workbench writes the next."""

    def write(target: Target) -> Path:
        _make(bench, target, moment=moment)
        return _write(bench, target)

    with ThreadPoolExecutor(1, thread_name_prefix="writer") as pool:
        files = [(target, pool.submit(write, target)) for target in targets]
        for target, file in files:
            _copy_file(session, target, target.table, file.result())
    return {target.table: Change(bench.count(f"out_{target.table}")) for target in targets}


def stage(session: Session, bench: Workbench, targets: Sequence[Target]) -> None:
    """Bring the new content of tables into temporary ones called `new_…`."""
    tables = [target.table for target in targets]
    run(
        session,
        f"DROP TABLE IF EXISTS {', '.join(f'pg_temp.new_{table}' for table in tables)}; "
        + "; ".join(
            f"CREATE TEMPORARY TABLE new_{target.table} ON COMMIT DROP AS"
            f" SELECT {', '.join(target.columns)} FROM {target.table} WITH NO DATA"
            for target in targets
        ),
    )
    for target in targets:
        _copy_file(session, target, f"new_{target.table}", _write(bench, target))
    keys = ", ".join(f"new_{target.table} ({', '.join(target.key)})" for target in targets)
    run(session, f"ANALYZE {keys}")


def _has_rows(session: Session, table: str) -> bool:
    return bool(session.scalar(text(f"SELECT EXISTS (SELECT FROM {table})")))


def _make_the_difference(
    session: Session, targets: Sequence[Target], *, narrow: bool
) -> dict[str, Change]:
    changes = {target.table: Change() for target in targets}
    for target in targets:
        if target.table == "identity_registry":
            # A number that moves to another person must first leave the one it had.
            changes[target.table].removed = _delete(
                session, target, narrow=narrow, also_changed=True
            )
        changes[target.table].added = _insert(session, target)
        changes[target.table].changed = _update(session, target)
    for target in reversed(targets):
        changes[target.table].removed += _delete(session, target, narrow=narrow)
    return changes


def _write(bench: Workbench, target: Target) -> Path:
    file = bench.folder / f"{target.table}.csv"
    bench.run(f"COPY out_{target.table} TO '{file}' (FORMAT csv, HEADER false, NULLSTR '\\N')")
    return file


def _copy_file(session: Session, target: Target, table: str, file: Path) -> None:
    statement = f"COPY {table} ({', '.join(target.columns)}) FROM STDIN (FORMAT csv, NULL '\\N')"
    with (
        driver(session).cursor() as cursor,
        cursor.copy(statement.encode()) as copy,
        file.open("rb") as data,
    ):
        while block := data.read(1 << 20):
            copy.write(block)
    file.unlink()


def _insert(session: Session, target: Target) -> int:
    columns = ", ".join(target.columns)
    return run(
        session,
        f"INSERT INTO {target.table} ({columns}) SELECT {columns} FROM new_{target.table} n"
        f" WHERE NOT EXISTS (SELECT FROM {target.table} t WHERE {_same_key(target)})",
    )


def _update(session: Session, target: Target) -> int:
    moving = [c for c in target.columns if c not in target.key and c not in target.kept]
    if not moving:
        return 0
    return run(
        session,
        f"UPDATE {target.table} t SET {', '.join(f'{c} = n.{c}' for c in moving)}"
        f" FROM new_{target.table} n WHERE {_same_key(target)} AND {_differs(moving)}",
    )


def _delete(session: Session, target: Target, *, narrow: bool, also_changed: bool = False) -> int:
    same = _same_key(target)
    if also_changed:
        others = [c for c in target.columns if c not in target.key]
        same += f" AND NOT {_differs(others)}"
    return run(
        session,
        f"DELETE FROM {target.table} t WHERE {target.reached if narrow else 'true'}"
        f" AND NOT EXISTS (SELECT FROM new_{target.table} n WHERE {same})",
    )


def _same_key(target: Target) -> str:
    return " AND ".join(f"t.{column} = n.{column}" for column in target.key)


def _differs(columns: list[str]) -> str:
    left = ", ".join(f"t.{column}" for column in columns)
    right = ", ".join(f"n.{column}" for column in columns)
    return f"(({left}) IS DISTINCT FROM ({right}))"


def run(session: Session, sql: str) -> int:
    """Execute statements of ours; return how many rows the last of them touched."""
    with driver(session).cursor() as cursor:
        return cursor.execute(sql.encode()).rowcount
