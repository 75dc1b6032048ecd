"""Composes households from the departments' household numbers, householders and relations.

Each person goes where the claim of highest authority puts them (see `claims`); who is in no claim
joins the household at their door, or the one in their village whose householder they name, or is
alone.

Reads `identity`, `link`, `new_person` and the tables of `claims`; makes `new_member(cluster,
household, relation, source_id)` and `new_household(household, …)`. `household` is a name by
content.
"""

from relief.registry.merging.signatures import LAST_WORD
from relief.registry.merging.workbench import Workbench

# A claim that is this much older than the person's newest one no longer decides.
STALE_AFTER_DAYS = 400


def compose(bench: Workbench) -> None:
    """Fill `new_member` and `new_household`."""
    _members_by_claim(bench)
    _members_by_address(bench)
    _describe(bench)


def _members_by_claim(bench: Workbench) -> None:
    """Put each person where the best claim says: current, not stale, of highest authority."""
    bench.run(f"""
        CREATE TABLE new_member AS
        WITH chosen AS (
            SELECT cluster,
                   arg_min(claim, row(NOT current, stale, rank, -epoch(last_on), claim)) AS claim
            FROM (
                SELECT *, date_diff('day', last_on, max(last_on) OVER (PARTITION BY cluster))
                          > {STALE_AFTER_DAYS} AS stale
                FROM place
            ) GROUP BY cluster
        ),
        word AS (
            SELECT s.cluster, h.household,
                   arg_min({{'relation': s.relation, 'id': s.id}},
                           row(s.relation IS NULL, s.rank, -epoch(s.last_on), -s.record_count,
                               s.scheme, s.relation, {LAST_WORD.format("i.")})) AS best
            FROM said s JOIN claim_household h USING (claim) JOIN identity i ON i.id = s.id
            GROUP BY s.cluster, h.household
        )
        SELECT c.cluster, h.household, w.best.relation AS relation, w.best.id AS source_id
        FROM chosen c JOIN claim_household h USING (claim)
        LEFT JOIN word w ON w.cluster = c.cluster AND w.household = h.household
    """)


def _members_by_address(bench: Workbench) -> None:
    """Place the people whom no list gives a household number."""
    bench.run(f"""
        CREATE TABLE lone AS
        SELECT p.cluster, p.region, {_DOOR.format("p.address")} AS door,
               arg_min({{'householder': i.householder_name, 'relation': i.relation, 'id': i.id}},
                       row(i.householder_name IS NULL, i.relation IS NULL, -epoch(i.last_on),
                           i.scheme, i.householder_name, i.relation,
                           {LAST_WORD.format("i.")})) AS said
        FROM new_person p ANTI JOIN new_member m ON m.cluster = p.cluster
        JOIN link l ON l.cluster = p.cluster JOIN identity i ON i.id = l.identity_id
        GROUP BY p.cluster, p.region, p.address
    """)
    # A household answers at its door, and under the name of anyone in it who may be householder.
    bench.run(f"""
        CREATE TABLE answer AS
        SELECT m.cluster, p.region, {_DOOR.format("p.address")} AS door, p.name, m.household
        FROM new_member m JOIN new_person p USING (cluster)
    """)
    bench.run("""
        CREATE TABLE by_door AS
        SELECT region, door, min(household) AS household
        FROM answer WHERE regexp_matches(door, '[0-9]') GROUP BY ALL
        HAVING count(DISTINCT household) = 1
    """)
    bench.run("""
        CREATE TABLE by_name AS
        SELECT region, name, min(household) AS household
        FROM answer GROUP BY ALL HAVING count(DISTINCT household) = 1
    """)
    bench.run("""
        INSERT INTO new_member
        SELECT l.cluster,
               coalesce(d.household, n.household,
                        CASE WHEN l.door IS NOT NULL AND l.said.householder IS NOT NULL
                             THEN concat_ws('|', 'door', l.region, l.door, l.said.householder)
                             ELSE 'lone|' || l.cluster END),
               l.said.relation, l.said.id
        FROM lone l
        LEFT JOIN by_door d ON d.region = l.region AND d.door = l.door
        LEFT JOIN by_name n ON n.region = l.region AND n.name = l.said.householder
    """)


# Some departments begin an address with the province, some with the city, some with neither.
_DOOR = r"regexp_replace({0}, '^(辽宁省)?(鞍山市)?|\s', '', 'g')"


def _describe(bench: Workbench) -> None:
    """Choose each household's householder, and take its address and phone from there."""
    bench.run("""
        CREATE TABLE head AS
        SELECT m.household, count(*) AS people,
               arg_min(m.cluster, row(
                   p.died_on IS NOT NULL,
                   CASE WHEN m.relation IN ('02', '03') THEN 0 WHEN m.relation = '01' THEN 1
                        ELSE 2 END,
                   coalesce(p.born_on, DATE '2100-01-01'), p.name, m.cluster)) AS cluster
        FROM new_member m JOIN new_person p USING (cluster) GROUP BY m.household
    """)
    bench.run("""
        CREATE TABLE new_household AS
        SELECT h.household, h.people, h.cluster AS householder, p.name AS householder_name,
               p.region, p.county, p.address, p.phone,
               json_object('householder', m.source_id, 'address', p.origins->>'address',
                           'phone', p.origins->>'phone', 'region', p.origins->>'region') AS origins
        FROM head h JOIN new_person p ON p.cluster = h.cluster
        JOIN new_member m ON m.cluster = h.cluster
    """)
