"""Decides which source identities are the same person.

The same valid identity number is one person, unless name *and* birth date disagree: offices write
the guardian's number for a child. Everything else is compared by the declared specification
(relief.registry.matching): linked, left to a steward, or left apart. Two different valid numbers
are never one person by the machine's word.

Reads the tables `identity` and `digits(citizen_id, number)`; makes `link(identity_id, cluster,
rule)`, `owner(citizen_id, born_on, name_key)` and `doubt(kind, key, identity_id,
other_identity_id, citizen_id, evidence)`. Ties are broken by content, never by an id, so the
order of imports does not matter.
"""

import functools
import json
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from relief.registry.matching import engine, linkage, preparing, specification
from relief.registry.matching.cleaning import chinese_sound
from relief.registry.matching.specification import Specification
from relief.registry.merging import parts
from relief.registry.merging.workbench import Workbench

# With the numbers in plain text; nothing after needs them, and what is not there is not spilled.
_USED = (
    "digits",
    "sounds",
    "described",
    "node",
    "node_row",
    "rest",
    "known",
    "edge",
    "grouped",
    "asked",
    "named",
    "question",
    "representative",
    "explained",
    "crowd",
)
SPECIFICATION = "china-departments"

# The identities under the specification's names. Phones and accounts are compared as ids.
_DESCRIBED = r"""
    SELECT i.id AS record, i.name_key AS name, s.sound, d.number,
           CASE WHEN i.valid THEN d.number END AS number_valid,
           coalesce(i.number_born_on,
                    try_strptime(substr(d.number, 7, 8), '%Y%m%d')::DATE)::VARCHAR AS number_birth,
           CASE WHEN i.valid THEN
               CASE WHEN substr(d.number, 17, 1)::INT % 2 = 1 THEN '1' ELSE '2' END
           END AS number_sex,
           i.born_on::VARCHAR AS born_on, i.sex AS stated_sex, i.phone::VARCHAR AS phone,
           i.account::VARCHAR AS account,
           nullif(regexp_replace(i.address, '^(辽宁省)?(鞍山市)?|\s', '', 'g'), '') AS door,
           i.region::VARCHAR AS region, i.department, i.household_number
    FROM {} i LEFT JOIN digits d USING (citizen_id) LEFT JOIN sounds s USING (name_key)
"""


@functools.cache
def city() -> Specification:
    """Return the specification by which the city's records are compared."""
    return specification.load(specification.find(SPECIFICATION))


def link(
    bench: Workbench,
    *,
    salt: str,
    known: str | None = None,
    narrow: Callable[[Workbench], None] | None = None,
    crowded: Sequence[int] = (),
) -> None:
    """Fill `link`, `owner` and `doubt`, and what `parts` keeps of the comparing.

    `known`: a table of the pairs that were found when the same people were compared before.
    `narrow`: what to do, between the comparing and the questions, to go on with fewer people.
    `crowded`: the keys of blocks that are too big, of which only some may be here.
    """
    spec = city()
    prepare(bench, spec)
    is_crowded = parts.tell_crowded(salt, crowded)
    linkage.link(bench.connection, spec, known=known, is_crowded=is_crowded)
    if narrow is not None:
        narrow(bench)
    elif known is None:
        parts.note_crowded(bench, salt)
    name_the_groups(bench, spec)
    parts.note_compared(bench, spec, salt)
    _ask(bench, spec, known=known is not None)
    for table in _USED:
        bench.run(f"DROP TABLE IF EXISTS {table}")


def prepare(bench: Workbench, spec: Specification, *, of: str = "identity") -> None:
    """Make `node` and `node_row` of the identities of a table or query."""
    _sound_out(bench, of)
    bench.run(f"CREATE OR REPLACE TABLE described AS {_DESCRIBED.format(of)}")
    preparing.read(bench.connection, spec, "described", record="record", clean=False)


def _sound_out(bench: Workbench, of: str) -> None:
    """Make `sounds(name_key, sound)`; each distinct name is sounded once."""
    names = [
        row[0] for row in bench.run(f"SELECT DISTINCT name_key FROM {of} i ORDER BY 1").fetchall()
    ]
    made = pa.table(
        {
            "name_key": pa.array(names, pa.string()),
            "sound": pa.array([chinese_sound(name) for name in names], pa.string()),
        }
    )
    bench.connection.register("made", made)
    bench.run("CREATE OR REPLACE TABLE sounds AS SELECT * FROM made")
    bench.connection.unregister("made")


def name_the_groups(bench: Workbench, spec: Specification) -> None:
    """Make `link` and `owner` from `identity` and `grouped`.

    Each group is named by the number it holds, else by the content of its first description.
    """
    content = ", ".join(f"coalesce({column.name}, '')" for column in spec.columns)
    bench.run(f"""
        CREATE TABLE named AS
        SELECT g.node, g.rule, n.value,
               coalesce('n' || max(i.citizen_id::VARCHAR) OVER grouped,
                        'u' || md5(first_value(n.content) OVER grouped)) AS cluster
        FROM grouped g
        JOIN (SELECT node, value, concat_ws('|', {content}) AS content FROM node) n USING (node)
        LEFT JOIN (SELECT r.node, any_value(i.citizen_id) AS citizen_id
                   FROM node_row r JOIN identity i ON i.id = r.record GROUP BY r.node) i
             ON i.node = n.value
        WINDOW grouped AS (PARTITION BY g.cluster ORDER BY g.node
                           ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    """)
    bench.run("""
        CREATE TABLE link AS
        SELECT r.record AS identity_id, n.cluster,
               CASE n.rule WHEN 'exclusive' THEN 'number' ELSE n.rule END AS rule
        FROM node_row r JOIN named n USING (node)
    """)
    bench.run("""
        CREATE TABLE owner AS
        SELECT any_value(i.citizen_id) AS citizen_id, any_value(i.number_born_on) AS born_on,
               any_value(i.name_key) AS name_key
        FROM (SELECT DISTINCT value AS node FROM named WHERE value IS NOT NULL)
        JOIN node_row r USING (node) JOIN identity i ON i.id = r.record GROUP BY node
    """)


def _ask(bench: Workbench, spec: Specification, *, known: bool) -> None:
    """Write down what a steward must look at, one row for each pair of things compared.

    `known`: `known_evidence(kind, key, evidence)` has what was found of the same pairs before.
    """
    bench.run("""
        CREATE TABLE representative AS
        SELECT r.node, i.*, concat_ws('|', i.scheme, i.name_key, i.citizen_id, i.born_on, i.region,
                                      i.household_number, i.address, i.phone) AS content
        FROM (SELECT node, arg_min(record, row(i.scheme, i.name, i.region, i.last_on, i.id)) AS id
              FROM node_row r JOIN identity i ON i.id = r.record GROUP BY node) r
        JOIN identity i USING (id)
    """)
    # A number's second description, and what comparing left open: each with the other side. The
    # key is by content, so that the next merge finds its question again.
    bench.run("""
        CREATE TABLE question AS
        SELECT q.kind, q.one, q.other,
               CASE q.kind WHEN 'number_shared'
                    THEN b.citizen_id || '|' || md5(concat_ws('|', a.name_key, a.born_on))
                    WHEN 'similar' THEN md5(concat_ws('|', a.content, b.content))
                    ELSE md5(a.content) END AS key
        FROM (
            SELECT 'number_shared' AS kind, n.node AS one, o.node AS other
            FROM node n JOIN node o ON o.number_valid = n.number_valid AND o.value = o.node
            WHERE n.disowned
            UNION ALL
            SELECT CASE kind WHEN 'similar' THEN 'similar' ELSE 'ambiguous_fallback' END,
                   CASE WHEN a.settled THEN other ELSE one END,
                   CASE WHEN a.settled THEN one ELSE other END
            FROM asked JOIN node a ON a.node = asked.one
            -- Two numbers that one record speaks for stay two people: there is nothing to ask.
            WHERE kind <> 'conflict'
        ) q
        JOIN representative a ON a.node = q.one JOIN representative b ON b.node = q.other
    """)
    _explain(bench, spec, known=known)
    bench.run("""
        CREATE TABLE doubt AS
        SELECT q.kind, q.key,
               arg_min(a.id, row(a.content, a.id)) AS identity_id,
               arg_min(b.id, row(b.content, b.id)) FILTER (q.kind <> 'ambiguous_fallback')
                   AS other_identity_id,
               min(substr(m.cluster, 2)::UUID)
                   FILTER (m.cluster[1] = 'n' AND q.kind <> 'ambiguous_fallback') AS citizen_id,
               json_merge_patch(arg_min(e.evidence, row(a.content, e.evidence))::JSON, json_object(
                   'owner', arg_min(b.name_key, b.content), 'other', arg_min(a.name_key, a.content),
                   'owner_born_on', arg_min(coalesce(b.number_born_on, b.born_on), b.content),
                   'other_born_on', arg_min(a.born_on, a.content),
                   'candidates', max(s.candidates),
                   'schemes', list_sort(list(DISTINCT a.scheme)))) AS evidence
        FROM question q JOIN representative a ON a.node = q.one
        JOIN representative b ON b.node = q.other
        JOIN named m ON m.node = q.other
        JOIN (SELECT r.node, count(DISTINCT k.value) AS candidates
              FROM node r
              LEFT JOIN (SELECT one AS node, other AS found FROM edge
                         UNION ALL SELECT other, one FROM edge) e ON e.node = r.node
              LEFT JOIN node k ON k.node = e.found AND k.settled
                              AND k.name = r.name AND k.county = r.county
              WHERE r.node IN (SELECT one FROM question) GROUP BY 1) s ON s.node = q.one
        LEFT JOIN explained e ON e.low = least(q.one, q.other) AND e.high = greatest(q.one, q.other)
        GROUP BY q.kind, q.key
    """)


def _explain(bench: Workbench, spec: Specification, *, known: bool) -> None:
    """Make `explained(low, high, evidence)`: what speaks for and against each pair."""
    unknown = "ANTI JOIN known_evidence USING (kind, key)" if known else ""
    pairs = bench.run(
        f"SELECT DISTINCT least(one, other), greatest(one, other) FROM question {unknown}"
    )
    found = engine.explain(bench.connection, spec, pairs.fetchall())
    evidence = pa.table(
        {
            "low": pa.array([pair[0] for pair in found], pa.int64()),
            "high": pa.array([pair[1] for pair in found], pa.int64()),
            "evidence": pa.array([_json(one) for one in found.values()], pa.string()),
        }
    )
    bench.connection.register("made", evidence)
    bench.run("CREATE TABLE explained AS SELECT * FROM made")
    bench.connection.unregister("made")
    if known:
        bench.run("""
            INSERT INTO explained
            SELECT least(one, other), greatest(one, other), any_value(evidence)
            FROM question JOIN known_evidence USING (kind, key) GROUP BY 1, 2
        """)


def _json(evidence: dict[str, Any]) -> str:
    return json.dumps(evidence, ensure_ascii=False)
