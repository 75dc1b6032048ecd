"""Composes households from the departments' household numbers, householders and relations.

A *claim* is one department's household number, with the people whom that department lists under
it now. Departments write the same family under different numbers, so claims that mostly hold the
same people are one household. Each person goes where the claim of highest authority puts them;
who is in no claim joins the household at their door, or the one in their village whose
householder they name, or is alone.

Reads `identity`, `link`, `authority`, `new_person`; makes `new_member(cluster, household,
relation, source_id)` and `new_household(household, …)`. `household` is a name by content.
"""

from relief.registry.merging.workbench import Workbench

# Two claims are one household when they share at least this part of the smaller one's people.
SHARED_PART = 0.6
# A person whom a list last named this long before its newest row has left that list.
LEFT_AFTER_DAYS = 100
# A claim that is this much older than the person's newest one no longer decides.
STALE_AFTER_DAYS = 400
_LAST = 99


def compose(bench: Workbench) -> None:
    """Fill `new_member` and `new_household`."""
    _claims(bench)
    _join_claims(bench)
    _members_by_claim(bench)
    _members_by_address(bench)
    _describe(bench)


def _claims(bench: Workbench) -> None:
    bench.run("""
        CREATE TABLE said AS
        SELECT l.cluster, i.department || '|' || i.household_number AS claim, i.id, i.scheme,
               i.relation, i.last_on, i.record_count,
               coalesce(a.rank, 99) AS rank
        FROM link l JOIN identity i ON i.id = l.identity_id
        LEFT JOIN authority a ON a.field = 'household' AND a.scheme = i.scheme
        WHERE i.household_number IS NOT NULL
    """)
    # One row a person and claim: the best list that says so, and when it last did.
    bench.run(f"""
        CREATE TABLE place AS
        SELECT cluster, claim, min(rank) AS rank, max(last_on) AS last_on,
               date_diff('day', max(last_on), max(max(last_on)) OVER (PARTITION BY claim))
                   <= {LEFT_AFTER_DAYS} AS current
        FROM said GROUP BY cluster, claim
    """)


def _join_claims(bench: Workbench) -> None:
    """Make `claim_household(claim, household)`: claims that mostly hold the same people."""
    bench.run(f"""
        CREATE TABLE claim_pair AS
        WITH inside AS (SELECT cluster, claim FROM place WHERE current),
             size AS (SELECT claim, count(*) AS people FROM inside GROUP BY claim)
        SELECT a.claim AS one, b.claim AS other
        FROM inside a JOIN inside b ON a.cluster = b.cluster AND a.claim < b.claim
        JOIN size s ON s.claim = a.claim JOIN size t ON t.claim = b.claim
        GROUP BY a.claim, b.claim
        HAVING count(*) >= {SHARED_PART} * least(any_value(s.people), any_value(t.people))
    """)
    root: dict[str, str] = {}

    def find(claim: str) -> str:
        while (up := root.setdefault(claim, claim)) != claim:
            root[claim] = root[up]
            claim = up
        return claim

    for one, other in bench.run("SELECT one, other FROM claim_pair ORDER BY 1, 2").fetchall():
        low, high = sorted((find(one), find(other)))
        root[high] = low
    bench.run("CREATE TABLE joined (claim VARCHAR, household VARCHAR)")
    if root:
        claims = list(root)
        bench.run(
            "INSERT INTO joined SELECT unnest(?), unnest(?)",
            [claims, [find(claim) for claim in claims]],
        )
    bench.run("""
        CREATE TABLE claim_household AS
        SELECT claim, coalesce(j.household, claim) AS household
        FROM (SELECT DISTINCT claim FROM place) LEFT JOIN joined j USING (claim)
    """)


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
                               s.scheme, s.relation)) AS best
            FROM said s JOIN claim_household h USING (claim) GROUP BY s.cluster, h.household
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
                           i.scheme, i.householder_name, i.relation)) AS said
        FROM new_person p ANTI JOIN new_member m ON m.cluster = p.cluster
        JOIN link l ON l.cluster = p.cluster JOIN identity i ON i.id = l.identity_id
        GROUP BY p.cluster, p.region, p.address
    """)
    # A household answers at its door, and under the name of anyone in it who may be householder.
    bench.run(f"""
        CREATE TABLE answer AS
        SELECT p.region, {_DOOR.format("p.address")} AS door, p.name, m.household
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
