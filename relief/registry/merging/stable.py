"""Keeps the ids of people and households the same from one merge to the next.

A person keeps its id by its valid number; otherwise by the source identities it had before,
the larger share winning; but where a steward chose which records leave a person, those that stay
keep the id. A household keeps its id by its members. What is new gets a new id.
"""

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime

from relief.core.ids import new_id
from relief.registry.merging.workbench import Workbench

_BY_NUMBER = 10**9  # outweighs any number of shared identities
_BY_IDENTITY = 10**3  # outweighs what leaves, unless nobody else has a claim


def note_leaving(bench: Workbench, identities: Collection[uuid.UUID]) -> None:
    """Make `leaving(identity_id)`: who has no claim to an id as long as another has one."""
    bench.run("CREATE TABLE leaving (identity_id UUID)")
    if identities:
        bench.run("INSERT INTO leaving SELECT unnest(?)::UUID", [[str(i) for i in identities]])


def name_people(bench: Workbench, *, now: datetime) -> None:
    """Make `person_id(cluster, id)`."""
    bench.run("""
        CREATE TABLE leaving_number AS
        SELECT i.citizen_id, l.cluster FROM link l JOIN identity i ON i.id = l.identity_id
        LEFT JOIN leaving g ON g.identity_id = i.id
        WHERE i.valid AND i.citizen_id IN
              (SELECT n.citizen_id FROM identity n SEMI JOIN leaving w ON w.identity_id = n.id)
        GROUP BY ALL HAVING count(g.identity_id) = count(*)
    """)
    kept = _match(
        bench.run(f"""
            SELECT cluster, old, sum(weight) AS weight FROM (
                SELECT h.cluster, o.person_id AS old,
                       CASE WHEN s.citizen_id IS NULL THEN {_BY_NUMBER} ELSE 1 END AS weight
                FROM held h JOIN old_number o USING (citizen_id)
                LEFT JOIN leaving_number s ON s.citizen_id = h.citizen_id AND s.cluster = h.cluster
                UNION ALL
                SELECT l.cluster, o.person_id,
                       CASE WHEN g.identity_id IS NULL THEN {_BY_IDENTITY} ELSE 1 END
                FROM link l JOIN old_link o USING (identity_id)
                LEFT JOIN leaving g ON g.identity_id = l.identity_id
            ) GROUP BY cluster, old ORDER BY weight DESC, old, cluster
        """).fetchall()
    )
    clusters = bench.run("SELECT cluster FROM new_person ORDER BY cluster").fetchall()
    _table(bench, "person_id", "cluster", (row[0] for row in clusters), kept, now=now)


def name_households(bench: Workbench, *, now: datetime) -> None:
    """Make `household_id(household, id, number)`; the number is for people and never changes."""
    kept = _match(
        bench.run("""
            SELECT m.household, o.household_id AS old, count(*) AS weight
            FROM new_member m JOIN person_id p USING (cluster)
            JOIN old_member o ON o.person_id = p.id
            GROUP BY m.household, o.household_id ORDER BY weight DESC, old, m.household
        """).fetchall()
    )
    names = bench.run("SELECT household FROM new_household ORDER BY household").fetchall()
    _table(bench, "household_name", "household", (row[0] for row in names), kept, now=now)
    # 户编号: the county's code and a running number that is never given twice. It stays when the
    # household moves.
    bench.run("""
        CREATE TABLE household_id AS
        SELECT n.household, n.id, h.county, o.number IS NULL AS fresh,
               coalesce(c.last, 0) + row_number() OVER (
                   PARTITION BY h.county, o.number IS NULL ORDER BY h.household) AS running,
               coalesce(o.number, format('{:06d}-{:06d}', h.county, running::INTEGER)) AS number
        FROM household_name n JOIN new_household h USING (household)
        LEFT JOIN old_household o ON o.id = n.id
        LEFT JOIN counter c ON c.county = h.county
    """)


def _match(candidates: Iterable[tuple[str, uuid.UUID, int]]) -> dict[str, uuid.UUID]:
    """Give each old id to one claimant, the best first: a thing has one id, an id one thing."""
    kept: dict[str, uuid.UUID] = {}
    taken: set[uuid.UUID] = set()
    for claimant, old, _weight in candidates:
        if claimant not in kept and old not in taken:
            kept[claimant] = old
            taken.add(old)
    return kept


def _table(
    bench: Workbench,
    table: str,
    column: str,
    names: Iterable[str],
    kept: dict[str, uuid.UUID],
    *,
    now: datetime,
) -> None:
    named = list(names)
    ids = [str(kept.get(name) or new_id(now)) for name in named]
    bench.run(f"CREATE TABLE {table} ({column} VARCHAR, id UUID)")
    if named:
        bench.run(f"INSERT INTO {table} SELECT unnest(?), unnest(?)::UUID", [named, ids])
