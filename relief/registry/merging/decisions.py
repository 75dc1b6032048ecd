"""Enforces what stewards decided upon what the machine linked.

Reads `identity`, `link`, `doubt`, `decision(one, other, same, decided_at, moved)`; changes `link`
and `doubt`, and makes `held(citizen_id, cluster)`: which person has each valid number.

- *Same* joins everything that the machine linked to the one and to the other description. Two
  valid numbers in one person come about in this way only; the person then holds both.
- *Different* takes a person apart in which both descriptions are found (`sides`), and drops the
  doubt that asked.

A description that is not among the live ones decides nothing, and does again when it comes back.
The result follows from the live identities and the open decisions alone: no order, and no id but
those in anchors of the form `i:…`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from relief.registry.merging import sides
from relief.registry.merging.claims import _claims, _join
from relief.registry.merging.groups import Groups
from relief.registry.merging.sides import Description, Different
from relief.registry.merging.signatures import DUCKDB, OF_IDENTITY, signature
from relief.registry.merging.workbench import Workbench
from relief.registry.types import LinkRule

_ANCHORS = "(SELECT one FROM decision UNION SELECT other FROM decision)"


@dataclass(slots=True)
class _Places:
    """Where each anchor is found: in which clusters, as the machine made them."""

    clusters: Mapping[str, Collection[str]]
    same: Collection[tuple[str, str]]
    different: Collection[Different]


def apply_decisions(bench: Workbench) -> None:
    """Bring `link` and `doubt` to what was decided, and say who holds each number."""
    bench.run("""
        CREATE TABLE numbered_link AS
        SELECT i.citizen_id, min(l.cluster) AS cluster
        FROM link l JOIN identity i ON i.id = l.identity_id
        WHERE i.valid AND l.rule = 'number' GROUP BY i.citizen_id
    """)
    bench.run("CREATE TABLE became (cluster VARCHAR, now VARCHAR)")
    bench.run("CREATE TABLE decided_link (identity_id UUID, cluster VARCHAR)")
    if bench.count("decision"):
        _enforce(bench, _places(bench))
    bench.run("""
        CREATE TABLE held AS
        SELECT n.citizen_id, coalesce(b.now, n.cluster) AS cluster
        FROM numbered_link n LEFT JOIN became b USING (cluster)
    """)
    _drop_settled(bench)
    if bench.count("decision"):
        _drop_decided(bench)


def _places(bench: Workbench) -> _Places:
    bench.run(f"""
        CREATE TABLE anchored AS
        WITH described AS (SELECT i.id, {signature(DUCKDB, "i.")} AS anchor FROM identity i)
        SELECT d.anchor, d.id, l.cluster FROM described d JOIN link l ON l.identity_id = d.id
        WHERE d.anchor IN {_ANCHORS}
        UNION ALL
        SELECT '{OF_IDENTITY}' || l.identity_id, l.identity_id, l.cluster FROM link l
        WHERE '{OF_IDENTITY}' || l.identity_id IN {_ANCHORS}
    """)
    clusters: dict[str, set[str]] = defaultdict(set)
    for anchor, cluster in bench.run("SELECT DISTINCT anchor, cluster FROM anchored").fetchall():
        clusters[anchor].add(cluster)
    decided = bench.run("SELECT one, other, same, moved FROM decision ORDER BY ALL").fetchall()
    both = [row for row in decided if row[0] in clusters and row[1] in clusters]
    return _Places(
        clusters=clusters,
        same=[(one, other) for one, other, same, _ in both if same],
        different=[Different(one, other, moved) for one, other, same, moved in both if not same],
    )


def _enforce(bench: Workbench, places: _Places) -> None:
    """Join, take apart, and let the families be gathered anew from what that gives."""
    joined: Groups[str] = Groups()
    for one, other in places.same:
        joined.join([*places.clusters[one], *places.clusters[other]])
    torn = _torn(places, joined)
    together: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for one, other in places.same:
        together[joined.find(next(iter(places.clusters[one])))].append((one, other))
    became = {
        cluster: root
        for clusters in places.clusters.values()
        for cluster in clusters
        if (root := joined.find(cluster)) not in torn and root != cluster
    }
    moved: dict[str, str] = {}
    for root, descriptions in _conflicted(bench, places, joined, torn):
        found = sides.take_apart(descriptions, same=together[root], different=torn[root])
        moved |= found.of_identity
        became |= found.of_cluster
    _fill(bench, "became", became)
    _fill(bench, "decided_link", moved)
    bench.run("""
        INSERT INTO decided_link
        SELECT l.identity_id, b.now FROM link l JOIN became b USING (cluster)
        ANTI JOIN decided_link d ON d.identity_id = l.identity_id
    """)
    bench.run(f"""
        UPDATE link SET cluster = d.cluster, rule = '{LinkRule.DECIDED}'
        FROM decided_link d WHERE d.identity_id = link.identity_id AND d.cluster <> link.cluster
    """)
    if moved or became:
        # Who lives with whom follows from who is who; nobody is recognised anew.
        _claims(bench)
        _join(bench)


def _torn(places: _Places, joined: Groups[str]) -> dict[str, list[Different]]:
    """Return which joined clusters hold both sides of what was decided to be different."""
    torn: dict[str, list[Different]] = defaultdict(list)
    for decided in places.different:
        one, other = (
            {joined.find(cluster) for cluster in places.clusters[anchor]}
            for anchor in (decided.one, decided.other)
        )
        for root in one & other:
            torn[root].append(decided)
    return torn


def _conflicted(
    bench: Workbench, places: _Places, joined: Groups[str], torn: Mapping[str, list[Different]]
) -> Iterable[tuple[str, list[Description]]]:
    """Yield what is said of each person that must be taken apart."""
    if not torn:
        return
    roots = {
        cluster: root
        for clusters in places.clusters.values()
        for cluster in clusters
        if (root := joined.find(cluster)) in torn
    }
    _fill(bench, "torn", roots, create=True)
    described: dict[str, list[Description]] = defaultdict(list)
    for root, *row in bench.run(_DESCRIBE).fetchall():
        described[root].append(Description(*row))
    for root in sorted(torn):
        yield root, described[root]


# All that tells two descriptions apart, in one text: what is equal in it is equal.
_CONTENT = ", ".join(
    f"coalesce(i.{column}::VARCHAR, '')"
    for column in (
        "scheme", "department", "region", "name_key", "name", "citizen_id", "born_on", "sex",
        "phone", "account", "household_number", "address", "relation", "first_on", "last_on",
        "record_count",
    )
)  # fmt: skip
_DESCRIBE = f"""
    SELECT t.now, i.id::VARCHAR, {signature(DUCKDB, "i.")}, l.cluster, l.rule,
           concat_ws('|', {_CONTENT}), i.citizen_id::VARCHAR, i.number_born_on = i.born_on,
           i.name_key, coalesce(i.born_on, i.number_born_on), i.department,
           i.department || '|' || i.household_number, i.phone::VARCHAR, i.address, i.region,
           i.record_count
    FROM torn t JOIN link l USING (cluster) JOIN identity i ON i.id = l.identity_id
    ORDER BY t.now, concat_ws('|', {_CONTENT}), i.id
"""


def _fill(bench: Workbench, table: str, pairs: Mapping[str, str], *, create: bool = False) -> None:
    if create:
        bench.run(f"CREATE TABLE {table} (cluster VARCHAR, now VARCHAR)")
    if pairs:
        bench.run(
            f"INSERT INTO {table} SELECT unnest(?), unnest(?)", [list(pairs), list(pairs.values())]
        )


# The doubts with the person each is about, and the one it would be, if it names one.
_ASKED = """
    SELECT d.rowid AS doubt, d.identity_id, l.cluster, coalesce(h.cluster, o.cluster) AS other
    FROM doubt d JOIN link l ON l.identity_id = d.identity_id
    LEFT JOIN held h ON h.citizen_id = d.citizen_id
    LEFT JOIN link o ON o.identity_id = d.other_identity_id
"""


def _drop_settled(bench: Workbench) -> None:
    """Let nobody be asked of two who are one person by now: their family, or a steward, said so."""
    bench.run(f"""
        DELETE FROM doubt WHERE rowid IN (SELECT doubt FROM ({_ASKED}) WHERE cluster = other)
    """)


def _drop_decided(bench: Workbench) -> None:
    """Let nobody be asked again what was decided.

    A doubt that names nobody stays until something is the same, or until as many people are known
    to be others as there were candidates.
    """
    bench.run("""
        CREATE TABLE decided_pair AS
        SELECT DISTINCT a.id, l.cluster
        FROM (SELECT one, other, same FROM decision
              UNION ALL SELECT other, one, same FROM decision) d
        JOIN anchored a ON a.anchor = d.one
        JOIN anchored b ON b.anchor = d.other JOIN link l ON l.identity_id = b.id
        WHERE NOT d.same
    """)
    bench.run(f"""
        DELETE FROM doubt WHERE rowid IN (
            SELECT q.doubt FROM ({_ASKED}) q
            JOIN decided_pair p ON p.id = q.identity_id AND p.cluster = q.other)
    """)
    bench.run("""
        DELETE FROM doubt WHERE citizen_id IS NULL AND other_identity_id IS NULL AND (
            EXISTS (SELECT 1 FROM anchored a
                    JOIN decision d ON d.same AND a.anchor IN (d.one, d.other)
                    WHERE a.id = doubt.identity_id)
            OR (SELECT count(DISTINCT p.cluster) FROM decided_pair p
                WHERE p.id = doubt.identity_id)
               >= greatest(coalesce((doubt.evidence->>'candidates')::INTEGER, 1), 1))
    """)
