"""How far a change reaches: which parts of the registry a merge works out.

Begins with what changed since the last merge: new files, files taken back, and the people whom a
steward decided about. Then goes on until nothing outside can have a say (see `parts`):

1. The parts whose keys the new identities have, and those that a decision ties to them.
2. *Near* parts, which hold descriptions that a changed description must be compared with. They
   are read for the comparing; only those in which a pair was found are in reach.
3. Parts that answer at the door of someone without a household number, or ask at a new one. They
   are known when households are composed; then the work begins again with them, which is rare.

In PostgreSQL, for one transaction: `in_reach(part_id)`, `wanted(identity_id)`, `old_person_id(id)`
and `old_household_id(id)`.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from psycopg import Cursor
from sqlalchemy.orm import Session

from relief.core.db import driver
from relief.core.privacy.cipher import Cipher
from relief.registry.matching import engine, preparing
from relief.registry.matching.specification import Specification
from relief.registry.merging import aid, extract, linking, parts
from relief.registry.merging.groups import Groups
from relief.registry.merging.signatures import OF_IDENTITY, POSTGRESQL, signature
from relief.registry.merging.workbench import Workbench

# With more of the registry in reach than this, to work out everything is quicker.
LARGEST_SHARE = 0.5
# Of fewer parts nobody asks what share of the registry they are.
FEW = 200
# More people than this are not read while someone waits for an answer.
MANY = 3_000
# So many keys are looked up one by one; for more, the keys of all parts are read once.
LOOKED_UP = 2_000

_TABLES = """
    DROP TABLE IF EXISTS pg_temp.in_reach, pg_temp.wanted, pg_temp.loaded, pg_temp.fresh_identity,
        pg_temp.left_batch, pg_temp.newest_now, pg_temp.old_person_id, pg_temp.old_household_id;
    CREATE TEMPORARY TABLE in_reach (part_id uuid PRIMARY KEY) ON COMMIT DROP;
    CREATE TEMPORARY TABLE wanted (identity_id uuid PRIMARY KEY) ON COMMIT DROP;
    CREATE TEMPORARY TABLE loaded (identity_id uuid PRIMARY KEY) ON COMMIT DROP;
    CREATE TEMPORARY TABLE old_person_id (id uuid PRIMARY KEY) ON COMMIT DROP;
    CREATE TEMPORARY TABLE old_household_id (id uuid PRIMARY KEY) ON COMMIT DROP;
    CREATE TEMPORARY TABLE fresh_identity ON COMMIT DROP AS
        SELECT i.id FROM source_identity i JOIN live_batch b ON b.id = i.batch_id
        WHERE NOT b.shown;
    CREATE TEMPORARY TABLE left_batch ON COMMIT DROP AS
        SELECT id, scheme_code, content FROM import_batch
        WHERE shown AND id NOT IN (SELECT id FROM live_batch);
    CREATE TEMPORARY TABLE newest_now ON COMMIT DROP AS
        SELECT scheme_code, max(last_on) AS last_on FROM (
            SELECT scheme_code, last_on FROM newest_record
            WHERE scheme_code NOT IN (SELECT scheme_code FROM left_batch)
            UNION ALL
            -- Batch by batch: a join would read the records of all batches.
            SELECT b.scheme_code, greatest(b.data_on, (
                SELECT max(r.period_on) FROM source_record r WHERE r.batch_id = b.id))
            FROM live_batch b
            WHERE b.content = 'history' AND b.channel = 'file'
              AND (NOT b.shown OR b.scheme_code IN (SELECT scheme_code FROM left_batch))
        ) said WHERE last_on IS NOT NULL GROUP BY scheme_code;
"""

# What changed: each query names the parts it concerns.
_TAKEN_BACK = """
    SELECT l.part_id FROM left_batch b JOIN source_identity i ON i.batch_id = b.id
    JOIN source_link l ON l.identity_id = i.id
"""
_CONCERNED = "SELECT part_id FROM source_link WHERE identity_id = ANY(%(concerned)s)"
# A roll speaks of everyone in its scheme: also of those whom it does not name, and of those whom
# only a roll named whose place it took.
_ON_ROLLS = """
    WITH roll AS MATERIALIZED (
        SELECT scheme_code FROM live_batch WHERE content = 'roll' AND NOT shown
        UNION SELECT scheme_code FROM left_batch WHERE content = 'roll'
    )
    SELECT l.part_id FROM enrolment e JOIN source_link l USING (person_id)
    WHERE e.scheme_code IN (SELECT scheme_code FROM roll)
    UNION ALL
    SELECT l.part_id FROM live_batch b JOIN source_identity i ON i.batch_id = b.id
    JOIN source_link l ON l.identity_id = i.id
    WHERE b.content = 'roll' AND b.scheme_code IN (SELECT scheme_code FROM roll)
"""
# Who falls silent, or no longer does, because a scheme's newest record is of another day.
_SILENT = f"""
    SELECT l.part_id
    FROM enrolment e JOIN scheme s ON s.code = e.scheme_code
    JOIN source_link l USING (person_id)
    LEFT JOIN newest_record b ON b.scheme_code = e.scheme_code
    LEFT JOIN newest_now n ON n.scheme_code = e.scheme_code
    WHERE e.ended_on IS NULL AND e.scheme_code IN (
        SELECT scheme_code FROM newest_now n FULL JOIN newest_record b USING (scheme_code)
        WHERE n.last_on IS DISTINCT FROM b.last_on)
      AND {aid.still_in("b.last_on - e.last_on", newest="b.last_on")}
          <> {aid.still_in("n.last_on - e.last_on", newest="n.last_on")}
"""
_BY_DECISION = f"""
    WITH said AS MATERIALIZED (
        SELECT {signature(POSTGRESQL, "i.")} AS anchor
        FROM fresh_identity f JOIN source_identity i ON i.id = f.id
    ),
    ends AS MATERIALIZED (
        SELECT unnest(ARRAY[one_anchor, other_anchor]) AS anchor FROM link_decision
        WHERE withdrawn_at IS NULL
          AND (one_anchor IN (SELECT anchor FROM said)
               OR other_anchor IN (SELECT anchor FROM said))
    )
    SELECT l.part_id FROM ends e JOIN source_identity i ON {signature(POSTGRESQL, "i.")} = e.anchor
    JOIN source_link l ON l.identity_id = i.id
    UNION
    SELECT l.part_id FROM ends e JOIN source_link l ON l.identity_id =
        CASE WHEN starts_with(e.anchor, '{OF_IDENTITY}')
             THEN substr(e.anchor, {len(OF_IDENTITY) + 1})::uuid END
"""
_BY_FEW_KEYS = "SELECT id FROM link_part WHERE keys && %(keys)s::bigint[]"
_BY_MANY_KEYS = """
    SELECT p.id FROM link_part p, unnest(p.keys) k
    JOIN (SELECT unnest(%(keys)s::bigint[]) AS wanted) w ON w.wanted = k
"""

# The descriptions among which a changed one may be, as the last merge compared them and as now.
_AS_IT_WAS = """
    (SELECT i.* FROM identity i SEMI JOIN old_link o ON o.identity_id = i.id
                                SEMI JOIN touched t ON t.id = i.id
     UNION ALL SELECT g.* FROM gone g SEMI JOIN touched t ON t.id = g.id)
"""
_AS_IT_IS = "(SELECT i.* FROM identity i SEMI JOIN touched t ON t.id = i.id)"
# All that comparing looks at: who says the same in other records says nothing new.
_SAID = (
    "name_key", "citizen_id", "valid", "number_born_on", "born_on", "sex", "phone", "account",
    "address", "region", "department", "household_number",
)  # fmt: skip
# What comparing made, by what names someone in it.
_COMPARED = (
    ("identity", "id", "outside"),
    ("gone", "id", "outside"),
    ("old_link", "identity_id", "outside"),
    ("node_row", "record", "outside"),
    ("node", "node", "outside_node"),
    ("grouped", "node", "outside_node"),
    ("edge", "one", "outside_node"),
    ("asked", "one", "outside_node"),
)


class Reach:
    """The reach of what changed since the last merge."""

    def __init__(
        self, session: Session, *, cipher: Cipher, concerned: Collection[uuid.UUID]
    ) -> None:
        """Look at what changed; the temporary table `live_batch` is there."""
        self._session = session
        self._cipher = cipher
        self._salt = parts.salt_of(cipher)
        self._run(_TABLES)
        for query in (_TAKEN_BACK, _ON_ROLLS, _SILENT):
            self._add(query)
        self._add(_CONCERNED, concerned=list(concerned))
        self._add(_BY_DECISION)
        # Nobody is described in other words than before: what was found by comparing stands.
        # Counted by a merge of everything; here only some of those in a block may be read.
        self.crowded = [row[0] for row in self._run("SELECT key FROM crowded_block").fetchall()]
        self.known = not (self._count("fresh_identity") or self._count("left_batch"))

    def is_wide(self) -> bool:
        """Tell whether so much is in reach that everything may as well be worked out."""
        return any(
            (found := self._count(table)) > FEW and found > LARGEST_SHARE * self._count(of)
            for table, of in (("in_reach", "link_part"), ("fresh_identity", "source_link"))
        )

    def is_many(self) -> bool:
        """Tell whether so much is in reach, or was read, that nobody should wait for it."""
        return self._count("in_reach") > FEW or self._count("loaded") > MANY

    def is_small(self) -> bool:
        """Tell whether so few people were read that hardly a query is worth planning."""
        return self._count("loaded") <= FEW

    def load(self, bench: Workbench, spec: Specification) -> None:
        """Bring what must be compared into the workbench: what is in reach, and what is near."""
        self._run("TRUNCATE loaded, wanted; INSERT INTO wanted SELECT id FROM fresh_identity")
        self._want("SELECT part_id FROM in_reach")
        self._read(bench, more=False)
        if self.known:
            extract.ties(self._session, bench)
            return
        self._add_by_keys(self._keys_of_fresh(bench))
        self._read_parts(bench, "SELECT part_id FROM in_reach")
        near = self._parts_with(self._keys_of_changed(bench, spec))
        self._read_parts(bench, "SELECT unnest(%(near)s::uuid[])", near=near)

    def narrow(self, bench: Workbench) -> None:
        """Keep, of what was compared, what hangs together with what changed."""
        here = {str(row[0]) for row in self._run("SELECT part_id FROM in_reach").fetchall()}
        groups: Groups[str] = Groups()
        groups.join(["", *here])
        # Nodes of several parts are one description: what is equal is one person.
        pairs = bench.run("""
            WITH placed AS (
                SELECT DISTINCT r.node, coalesce(l.part_id::VARCHAR, '') AS part
                FROM node_row r LEFT JOIN old_link l ON l.identity_id = r.record
            )
            SELECT DISTINCT a.part, b.part
            FROM (SELECT one, other FROM edge UNION ALL
                  SELECT node, value FROM node WHERE value IS NOT NULL UNION ALL
                  SELECT node, node FROM node) e
            JOIN placed a ON a.node = e.one JOIN placed b ON b.node = e.other
            WHERE a.part <> b.part
        """)
        for pair in pairs.fetchall():
            groups.join(pair)
        root = groups.find("")
        loaded = [row[0] for row in bench.run("SELECT DISTINCT part_id FROM old_link").fetchall()]
        found = [one for one in loaded if groups.find(str(one)) == root]
        self._add("SELECT unnest(%(found)s::uuid[])", found=found)
        if len(found) < len(loaded):
            _forget(bench, found)

    def reaches_further(self, bench: Workbench) -> bool:
        """Tell whether other parts answer or ask at doors of those here; they are in reach then."""
        added = [self._add_by_keys(keys) for keys in parts.door_keys(bench, self._salt)]
        return any(added)

    def settle(self) -> None:
        """Bring `wanted`, `old_person_id` and `old_household_id` to what is in reach."""
        self._run("""
            TRUNCATE wanted, old_person_id, old_household_id;
            INSERT INTO wanted SELECT id FROM fresh_identity;
            INSERT INTO wanted
            SELECT identity_id FROM source_link WHERE part_id IN (SELECT part_id FROM in_reach);
            INSERT INTO old_person_id
            SELECT DISTINCT l.person_id FROM source_link l JOIN in_reach USING (part_id);
            INSERT INTO old_household_id
            SELECT DISTINCT m.household_id FROM membership m
            JOIN old_person_id p ON p.id = m.person_id;
            ANALYZE wanted, old_person_id, old_household_id
        """)

    def _keys_of_fresh(self, bench: Workbench) -> list[int]:
        queries = " UNION ".join(
            f"SELECT {parts.key(self._salt, kind, words)} FROM identity i"
            f" ANTI JOIN old_link o ON o.identity_id = i.id WHERE {where}"
            for kind, words, where in parts.OF_IDENTITY
        )
        return [row[0] for row in bench.run(queries).fetchall()]

    def _keys_of_changed(self, bench: Workbench, spec: Specification) -> list[int]:
        """Return in which blocks something stands that was not compared as it is now."""
        if not _note_touched(bench):
            return []
        _describe(bench, spec, _AS_IT_WAS)
        bench.run("ALTER TABLE node RENAME TO node_was")
        _describe(bench, spec, _AS_IT_IS)
        is_crowded = parts.tell_crowded(self._salt, self.crowded)
        engine.add_blocks(bench.connection, "node", spec, is_crowded=is_crowded)
        there = [row[0] for row in bench.run("DESCRIBE node_was").fetchall()]
        told = [name for name in there if name not in {"node", "records", "value"}]
        bench.run(f"""
            CREATE TABLE changed AS SELECT n.* FROM node n ANTI JOIN node_was w
            ON {_equal("n", "w", told)}
        """)
        rows = bench.run(parts.sought_keys(spec, self._salt, of="changed")).fetchall()
        for table in ("node_was", "changed", "node", "node_row", "touched"):
            bench.run(f"DROP TABLE {table}")
        return [row[0] for row in rows]

    def _add_by_keys(self, keys: Sequence[int]) -> int:
        return self._add("SELECT unnest(%(found)s::uuid[])", found=self._parts_with(keys))

    def _parts_with(self, keys: Sequence[int]) -> list[uuid.UUID]:
        if not keys:
            return []
        sql = _BY_FEW_KEYS if len(keys) <= LOOKED_UP else _BY_MANY_KEYS
        return list({row[0] for row in self._run(sql, keys=list(keys)).fetchall()})

    def _read_parts(self, bench: Workbench, of: str, **given: object) -> None:
        self._run("TRUNCATE wanted")
        if self._want(of, **given):
            self._read(bench, more=True)

    def _read(self, bench: Workbench, *, more: bool) -> None:
        self._run("ANALYZE wanted")
        extract.wanted(self._session, bench, cipher=self._cipher, more=more)
        self._run("INSERT INTO loaded SELECT identity_id FROM wanted")

    def _want(self, of: str, **given: object) -> int:
        """Let the identities of these parts be read that were not yet."""
        return self._run(
            "INSERT INTO wanted SELECT l.identity_id FROM source_link l"
            f" WHERE l.part_id IN ({of}) AND NOT EXISTS"
            " (SELECT FROM loaded o WHERE o.identity_id = l.identity_id)",
            **given,
        ).rowcount

    def _add(self, query: str, **given: object) -> int:
        return self._run(
            f"INSERT INTO in_reach SELECT DISTINCT part_id FROM ({query}) AS found (part_id)"
            " WHERE part_id IS NOT NULL ON CONFLICT DO NOTHING",
            **given,
        ).rowcount

    def _count(self, table: str) -> int:
        row = self._run(f"SELECT count(*) FROM {table}").fetchone()
        return int(row[0]) if row else 0

    def _run(self, sql: str, **given: object) -> Cursor[Any]:
        # Without values several statements may go at once.
        return driver(self._session).execute(sql.encode(), given or None)


def _equal(one: str, other: str, columns: Iterable[str]) -> str:
    return " AND ".join(f"{one}.{name} IS NOT DISTINCT FROM {other}.{name}" for name in columns)


def _note_touched(bench: Workbench) -> int:
    """Make `touched(id)`: the identities that may be compared otherwise than before.

    Those that say something new, alone said what is no longer said, or add their voice where a
    number has several names; and twice over those of the same number or household number: of
    these it hangs who is settled, and who is family.
    """
    bench.run("CREATE TABLE everyone AS SELECT * FROM identity UNION ALL SELECT * FROM gone")
    bench.run(f"""
        CREATE TABLE touched AS
        SELECT i.id FROM identity i ANTI JOIN old_link l ON l.identity_id = i.id
        ANTI JOIN (SELECT e.* FROM everyone e SEMI JOIN old_link l ON l.identity_id = e.id) w
             ON {_equal("i", "w", _SAID)}
        UNION ALL
        SELECT g.id FROM gone g ANTI JOIN identity i ON {_equal("g", "i", _SAID)}
        UNION ALL
        SELECT e.id FROM everyone e JOIN (
            SELECT citizen_id FROM everyone WHERE valid GROUP BY citizen_id
            HAVING count(DISTINCT name_key) > 1
        ) USING (citizen_id)
        WHERE e.id NOT IN (SELECT identity_id FROM old_link) OR e.id IN (SELECT id FROM gone)
    """)
    shared = " UNION ALL ".join(
        f"SELECT i.id, {words} AS by FROM everyone i WHERE {where}"
        for _, words, where in parts.OF_IDENTITY
    )
    bench.run(f"CREATE TABLE shared AS {shared}")
    for _ in range(2 if bench.count("touched") else 0):
        bench.run("""
            CREATE OR REPLACE TABLE touched AS
            SELECT id FROM touched
            UNION SELECT o.id FROM touched JOIN shared s USING (id) JOIN shared o ON o.by = s.by
        """)
    bench.run("DROP TABLE shared")
    bench.run("DROP TABLE everyone")
    return bench.count("touched")


def _describe(bench: Workbench, spec: Specification, of: str) -> None:
    linking.prepare(bench, spec, of=of)
    preparing.settle(bench.connection, spec)
    preparing.derive(bench.connection, spec)


def _forget(bench: Workbench, parts_found: Sequence[uuid.UUID]) -> None:
    """Take the people of all other parts out of what was compared."""
    bench.run("CREATE TABLE found_part (part_id UUID)")
    bench.run("INSERT INTO found_part SELECT unnest(?)::UUID", [[str(one) for one in parts_found]])
    bench.run("""
        CREATE TABLE outside AS
        SELECT o.identity_id FROM old_link o ANTI JOIN found_part f ON f.part_id = o.part_id
    """)
    bench.run("""
        CREATE TABLE outside_node AS SELECT r.node FROM node_row r
        LEFT JOIN outside o ON o.identity_id = r.record
        GROUP BY r.node HAVING count(o.identity_id) = count(*)
    """)
    for table, column, kind in _COMPARED:
        bench.run(f"DELETE FROM {table} WHERE {column} IN (SELECT * FROM {kind})")
    for table in ("found_part", "outside", "outside_node"):
        bench.run(f"DROP TABLE {table}")
