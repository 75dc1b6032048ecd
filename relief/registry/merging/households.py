"""Composes households from the departments' household numbers, householders and relations.

Each person goes where a steward decided, or where the claim of highest authority puts them (see
`claims`); who is in no claim joins the household at their door, or the one in their village whose
householder they name, or is alone. Where departments list a living person in several households
today, a steward is asked, and the claim that was followed is the proposed answer.

Reads `identity`, `link`, `new_person`, `home_decision(anchor, claim, decided_at)` and the tables of
`claims`; makes `new_member(cluster, household, relation, source_id)` and `new_household(household,
…)`, and adds to `doubt`. `household` is a name by content.
"""

from relief.registry.merging.signatures import (
    DUCKDB,
    LAST_WORD,
    OF_CLAIM,
    OF_IDENTITY,
    signature,
)
from relief.registry.merging.workbench import Workbench

# A claim that is this much older than the person's newest one no longer decides.
STALE_AFTER_DAYS = 400


def compose(bench: Workbench) -> None:
    """Fill `new_member` and `new_household`."""
    _weigh_places(bench)
    _members_by_claim(bench)
    _ask_of_homes(bench)
    _members_by_address(bench)
    _describe(bench)


def _weigh_places(bench: Workbench) -> None:
    """Make `weighed(cluster, claim, household, rank, last_on, current, stale, decided)`.

    A decision holds as long as the department still lists the person under the number; of several
    the latest counts.
    """
    bench.run("CREATE TABLE settled (cluster VARCHAR, claim VARCHAR)")
    if bench.count("home_decision"):
        bench.run(f"""
            INSERT INTO settled
            SELECT l.cluster, arg_max(d.claim, row(d.decided_at, d.claim))
            FROM (SELECT id, {signature(DUCKDB, "i.")} AS anchor FROM identity i
                  UNION ALL SELECT id, '{OF_IDENTITY}' || id FROM identity) a
            JOIN home_decision d USING (anchor) JOIN link l ON l.identity_id = a.id
            -- One that is moot hides none that holds.
            JOIN place p ON p.cluster = l.cluster AND p.current
                AND d.claim = '{OF_CLAIM}' || md5(p.claim)
            GROUP BY l.cluster
        """)
    bench.run(f"""
        CREATE TABLE weighed AS
        SELECT p.*, h.household,
               date_diff('day', p.last_on, max(p.last_on) OVER (PARTITION BY p.cluster))
                   > {STALE_AFTER_DAYS} AS stale,
               p.current AND coalesce(s.claim = '{OF_CLAIM}' || md5(p.claim), false) AS decided
        FROM place p JOIN claim_household h USING (claim) LEFT JOIN settled s USING (cluster)
    """)


def _members_by_claim(bench: Workbench) -> None:
    """Put each person where the best claim says: decided, current, not stale, of authority."""
    bench.run(f"""
        CREATE TABLE new_member AS
        WITH chosen AS (
            SELECT cluster, arg_min(household, row(NOT decided, NOT current, stale, rank,
                                                   -epoch(last_on), claim)) AS household
            FROM weighed GROUP BY cluster
        ),
        word AS (
            SELECT s.cluster, h.household,
                   arg_min({{'relation': s.relation, 'id': s.id}},
                           row(s.relation IS NULL, s.rank, -epoch(s.last_on), -s.record_count,
                               s.scheme, s.relation, {LAST_WORD.format("i.")})) AS best
            FROM said s JOIN claim_household h USING (claim) JOIN identity i ON i.id = s.id
            GROUP BY s.cluster, h.household
        )
        SELECT c.cluster, c.household, w.best.relation AS relation, w.best.id AS source_id
        FROM chosen c LEFT JOIN word w ON w.cluster = c.cluster AND w.household = c.household
    """)


def _ask_of_homes(bench: Workbench) -> None:
    """Ask a steward of each living person whom departments list in several households today.

    The evidence names each household by the best of its claims, the followed one first.
    """
    bench.run("""
        INSERT INTO doubt (kind, key, identity_id, evidence)
        WITH listed AS (
            SELECT cluster, household, arg_min(claim, row(rank, -epoch(last_on), claim)) AS claim,
                   list_sort(list(claim)) AS claims, max(last_on) AS last_on
            FROM weighed WHERE current AND NOT stale
              AND cluster NOT IN (SELECT cluster FROM weighed WHERE decided)
            GROUP BY cluster, household
        ),
        torn AS (SELECT cluster FROM listed GROUP BY cluster HAVING count(*) > 1),
        size AS (
            SELECT h.household, count(DISTINCT p.cluster) AS people
            FROM place p JOIN claim_household h USING (claim) WHERE p.current GROUP BY h.household
        )
        SELECT 'household',
               md5(l.cluster || '|' || string_agg(array_to_string(l.claims, '|'), '|'
                                                  ORDER BY l.claims)),
               any_value(m.source_id),
               json_object(
                   'other', any_value(p.name), 'other_born_on', any_value(p.born_on),
                   'options', list(json_object(
                       'claim', l.claim, 'claims', l.claims, 'last_on', l.last_on,
                       'people', z.people, 'followed', l.household = m.household
                   ) ORDER BY l.household <> m.household, l.claim))
        FROM listed l SEMI JOIN torn t ON t.cluster = l.cluster
        JOIN size z USING (household) JOIN new_member m ON m.cluster = l.cluster
        JOIN new_person p ON p.cluster = l.cluster AND p.died_on IS NULL
        GROUP BY l.cluster
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
