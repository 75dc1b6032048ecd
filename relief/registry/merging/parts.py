"""Which people and households have a say in each other: the parts of the registry.

Two households are in one part if anything that merging looks at touches both: descriptions of one
valid number, a department's household number, a pair that comparing found worth a look, a
decision of a steward, or a person without a household number who may belong to the other one's
door or householder. So a part can be worked out by itself, and comes out as it would with all
the others.

A part keeps digests of everything by which something new would touch it, so that those are found
without reading the others: `key` says how each is made. The digests are under the key of the
blind index; parts of identity numbers are among them.
"""

from collections.abc import Sequence

from relief.core.privacy.cipher import Cipher
from relief.registry.matching.engine import IsCrowded
from relief.registry.matching.specification import Specification
from relief.registry.merging.groups import Groups
from relief.registry.merging.workbench import Workbench

# What a key stands for. A description whose person is not settled by a number is compared with
# everyone in its blocks; one that is settled only with those that are not.
NUMBER, CLAIM, BLOCK, OPEN_BLOCK = "number", "claim", "block", "open"
ANSWERS, ASKS = "answers", "asks"
# Of an identity `i`: by what it belongs to a part whatever else it says.
OF_IDENTITY = (
    (NUMBER, "i.citizen_id::VARCHAR", "i.valid"),
    (CLAIM, "i.department || '|' || i.household_number", "i.household_number IS NOT NULL"),
)


def salt_of(cipher: Cipher) -> str:
    """Return what the digests are made with."""
    key_id = cipher.current_index_key
    return cipher.blind_index("link_part", "salt", key_id=key_id).hex()


def key(salt: str, kind: str, text: str) -> str:
    """Return the SQL of the digest of one text, as a bigint."""
    return f"(md5_number_lower('{salt}{kind}|' || {text}) >> 1)::BIGINT"


def tell_crowded(salt: str, known: Sequence[int]) -> IsCrowded | None:
    """Return how to tell the blocks that are too big, by their keys; None if none is."""
    keys = ", ".join(map(str, known))

    def tell(number: int, text: str) -> str:
        digest = key(salt, BLOCK, f"'{number}|' || {text}")
        return f"{digest} IN ({keys})"

    return tell if known else None


def note_crowded(bench: Workbench, salt: str) -> None:
    """Make `new_crowded(key)`: the blocks that were too big to compare."""
    bench.run(f"""
        CREATE TABLE new_crowded AS
        SELECT DISTINCT {key(salt, BLOCK, "number || '|' || block")} AS key FROM crowd
    """)


def note_compared(bench: Workbench, spec: Specification, salt: str) -> None:
    """Keep what comparing found, before its tables go.

    Makes `tie(one, other, weight)`, one identity of each side of each pair that was found, and
    `block_key(identity_id, key)`.
    """
    bench.run("""
        CREATE TABLE stands_for AS
        SELECT node, min(record) AS identity_id FROM node_row GROUP BY node
    """)
    bench.run("""
        CREATE TABLE tie AS
        SELECT a.identity_id AS one, b.identity_id AS other, e.weight
        FROM edge e JOIN stands_for a ON a.node = e.one JOIN stands_for b ON b.node = e.other
    """)
    bench.run(f"CREATE TABLE block_key AS {block_keys(spec, salt)}")
    bench.run("DROP TABLE stands_for")


def block_keys(spec: Specification, salt: str) -> str:
    """Return the query of `(identity_id, key)`: the blocks in which descriptions are found."""
    return f"""
        SELECT s.identity_id, unnest(
            CASE WHEN settled THEN [{key(salt, BLOCK, "text")}]
                 ELSE [{key(salt, BLOCK, "text")}, {key(salt, OPEN_BLOCK, "text")}] END) AS key
        FROM ({_blocks(spec, "node")}) JOIN stands_for s USING (node)
    """


def sought_keys(spec: Specification, salt: str, *, of: str) -> str:
    """Return the query of the keys of everyone that these descriptions are compared with."""
    return f"""
        SELECT DISTINCT CASE WHEN settled THEN {key(salt, OPEN_BLOCK, "text")}
                             ELSE {key(salt, BLOCK, "text")} END
        FROM ({_blocks(spec, of)})
    """


def _blocks(spec: Specification, table: str) -> str:
    return " UNION ALL ".join(
        f"SELECT node, settled, '{number}|' || block_{number} AS text FROM {table}"
        f" WHERE block_{number} IS NOT NULL"
        for number in range(1, len(spec.blocks) + 1)
    )


def divide(bench: Workbench, salt: str) -> None:
    """Make `identity_part(identity_id, part_id)` and `new_part(id, keys, ties)`.

    A part is called by the smallest id of its households.
    """
    bench.run("""
        CREATE TABLE home AS
        SELECT l.identity_id, l.cluster, h.number, h.id AS household_id
        FROM link l JOIN new_member m USING (cluster)
        JOIN (SELECT household, id, row_number() OVER (ORDER BY id)::INTEGER AS number
              FROM household_id) h USING (household)
    """)
    bench.run("CREATE TABLE part (number INTEGER, part INTEGER)")
    pairs = bench.run(_bonds(decided=bench.count("decision") > 0)).fetchall()
    groups: Groups[int] = Groups()
    for pair in pairs:
        groups.join(pair)
    joined = sorted({number for pair in pairs for number in pair})
    if joined:
        bench.run(
            "INSERT INTO part SELECT unnest(?), unnest(?)",
            [joined, [groups.find(number) for number in joined]],
        )
    bench.run("""
        CREATE TABLE identity_part AS
        SELECT h.identity_id, h.cluster, n.household_id AS part_id
        FROM home h LEFT JOIN part p USING (number)
        JOIN (SELECT DISTINCT number, household_id FROM home) n
          ON n.number = coalesce(p.part, h.number)
    """)
    _keep_keys(bench, salt)


def _bonds(*, decided: bool) -> str:
    """Return the query of the pairs of households that are in one part."""
    by_identity = " UNION ALL ".join(
        f"SELECT min(h.number) OVER (PARTITION BY {text}) AS one, h.number AS other"
        f" FROM identity i JOIN home h ON h.identity_id = i.id WHERE {where}"
        for _, text, where in OF_IDENTITY
    )
    by_decision = """
        UNION ALL
        SELECT a.number, b.number
        FROM decision d JOIN anchored x ON x.anchor = d.one JOIN anchored y ON y.anchor = d.other
        JOIN home a ON a.identity_id = x.id JOIN home b ON b.identity_id = y.id
    """
    return f"""
        SELECT DISTINCT one, other FROM (
            {by_identity}
            UNION ALL
            SELECT a.number, b.number
            FROM tie t JOIN home a ON a.identity_id = t.one JOIN home b ON b.identity_id = t.other
            UNION ALL
            SELECT a.number, b.number
            FROM asking q JOIN answering w USING (text)
            JOIN home a ON a.cluster = q.cluster JOIN home b ON b.cluster = w.cluster
            {by_decision if decided else ""}
        ) WHERE one <> other
    """


def note_doors(bench: Workbench) -> None:
    """Make `asking(cluster, text)` and `answering(cluster, text)`.

    Who has no household number asks at a door, and for a householder in the village; everyone
    else answers there.
    """
    for table, source, name in (
        ("asking", "lone", "said.householder"),
        ("answering", "answer", "name"),
    ):
        bench.run(f"""
            CREATE TABLE {table} AS
            SELECT DISTINCT cluster, 'door|' || region || '|' || door AS text FROM {source}
            WHERE regexp_matches(door, '[0-9]')
            UNION ALL
            SELECT DISTINCT cluster, 'name|' || region || '|' || {name} FROM {source}
            WHERE {name} IS NOT NULL
        """)


def door_keys(bench: Workbench, salt: str) -> tuple[list[int], list[int]]:
    """Return the keys of those elsewhere who answer what is asked here, and who ask here."""
    found = []
    for kind, table in ((ANSWERS, "asking"), (ASKS, "answering")):
        rows = bench.run(f"SELECT DISTINCT {key(salt, kind, 'text')} FROM {table}").fetchall()
        found.append([row[0] for row in rows])
    return found[0], found[1]


def _keep_keys(bench: Workbench, salt: str) -> None:
    by_identity = " UNION ALL ".join(
        f"SELECT i.id AS identity_id, {key(salt, kind, text)} AS key FROM identity i WHERE {where}"
        for kind, text, where in OF_IDENTITY
    )
    by_door = " UNION ALL ".join(
        f"SELECT cluster, {key(salt, kind, 'text')} AS key FROM {table}"
        for kind, table in ((ASKS, "asking"), (ANSWERS, "answering"))
    )
    bench.run(f"""
        CREATE TABLE new_part AS
        SELECT k.part_id AS id, k.keys, coalesce(t.ties, '[]') AS ties
        FROM (SELECT part_id, '{{' || array_to_string(list_sort(list(DISTINCT key)), ',') || '}}'
                     AS keys
        FROM (
            SELECT p.part_id, k.key FROM identity_part p JOIN block_key k USING (identity_id)
            UNION ALL
            SELECT p.part_id, k.key FROM identity_part p JOIN ({by_identity}) k USING (identity_id)
            UNION ALL
            SELECT p.part_id, k.key
            FROM (SELECT DISTINCT cluster, part_id FROM identity_part) p
            JOIN ({by_door}) k USING (cluster)
        ) GROUP BY part_id) k
        LEFT JOIN (
            SELECT p.part_id, '[' || string_agg(
                       format('["{{}}", "{{}}", {{}}]', t.one, t.other, t.weight), ', '
                       ORDER BY t.one, t.other) || ']' AS ties
            FROM tie t JOIN identity_part p ON p.identity_id = t.one GROUP BY p.part_id
        ) t ON t.part_id = k.part_id
    """)
