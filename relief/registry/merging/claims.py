"""Who lives together by the departments' lists, and who in a family is one person after all.

A *claim* is one department's household number, with the people whom that department lists under
it now. Departments write the same family under different numbers, so claims that mostly hold the
same people are one household: `claim_household(claim, household)`.

Within such a household the same name is the same person, if at most one of the two has a valid
number and their birth dates do not disagree: the last step of linking, which needs the families.

Reads `identity`, `link`, `authority`; makes `said`, `place`, `claim_household`; changes `link`.
"""

from relief.registry.merging.workbench import Workbench

# Two claims are one household when they share at least this part of the smaller one's people.
SHARED_PART = 0.6
# A person whom a list last named this long before its newest row has left that list.
LEFT_AFTER_DAYS = 100


def gather(bench: Workbench) -> None:
    """Join the claims, recognise people within their families, and join the claims again."""
    _claims(bench)
    _join(bench)
    if _recognise(bench):
        _claims(bench)
        _join(bench)


def _claims(bench: Workbench) -> None:
    bench.run("""
        CREATE OR REPLACE TABLE said AS
        SELECT l.cluster, i.department || '|' || i.household_number AS claim, i.id, i.scheme,
               i.relation, i.last_on, i.record_count,
               coalesce(a.rank, 99) AS rank
        FROM link l JOIN identity i ON i.id = l.identity_id
        LEFT JOIN authority a ON a.field = 'household' AND a.scheme = i.scheme
        WHERE i.household_number IS NOT NULL
    """)
    # One row a person and claim: the best list that says so, and when it last did.
    bench.run(f"""
        CREATE OR REPLACE TABLE place AS
        SELECT cluster, claim, min(rank) AS rank, max(last_on) AS last_on,
               date_diff('day', max(last_on), max(max(last_on)) OVER (PARTITION BY claim))
                   <= {LEFT_AFTER_DAYS} AS current
        FROM said GROUP BY cluster, claim
    """)


def _join(bench: Workbench) -> None:
    """Make `claim_household(claim, household)`: claims that mostly hold the same people."""
    # Someone must be in both for certain; then the names count too, because of two people the
    # one whose number is missing may not have been recognised yet.
    bench.run(f"""
        CREATE OR REPLACE TABLE claim_pair AS
        WITH inside AS (
            SELECT DISTINCT p.cluster, p.claim, i.name_key
            FROM place p JOIN said s ON s.cluster = p.cluster AND s.claim = p.claim
            JOIN identity i ON i.id = s.id WHERE p.current
        ),
        size AS (
            SELECT claim, count(DISTINCT cluster) AS people, count(DISTINCT name_key) AS names
            FROM inside GROUP BY claim
        ),
        pair AS (
            SELECT a.claim AS one, b.claim AS other, count(DISTINCT a.cluster) AS people
            FROM inside a JOIN inside b ON a.cluster = b.cluster AND a.claim < b.claim
            GROUP BY a.claim, b.claim
        ),
        named AS (
            SELECT p.one, p.other, count(DISTINCT a.name_key) AS names
            FROM pair p JOIN inside a ON a.claim = p.one
            JOIN inside b ON b.claim = p.other AND b.name_key = a.name_key
            GROUP BY p.one, p.other
        )
        SELECT p.one, p.other
        FROM pair p LEFT JOIN named n ON n.one = p.one AND n.other = p.other
        JOIN size s ON s.claim = p.one JOIN size t ON t.claim = p.other
        WHERE p.people >= {SHARED_PART} * least(s.people, t.people)
           OR n.names >= {SHARED_PART} * least(s.names, t.names)
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
    bench.run("CREATE OR REPLACE TABLE joined (claim VARCHAR, household VARCHAR)")
    if root:
        claims = list(root)
        bench.run(
            "INSERT INTO joined SELECT unnest(?), unnest(?)",
            [claims, [find(claim) for claim in claims]],
        )
    bench.run("""
        CREATE OR REPLACE TABLE claim_household AS
        SELECT claim, coalesce(j.household, claim) AS household
        FROM (SELECT DISTINCT claim FROM place) LEFT JOIN joined j USING (claim)
    """)


def _recognise(bench: Workbench) -> int:
    """Link people without a number to their namesake in the household; return how many."""
    bench.run("""
        CREATE TABLE namesakes AS
        SELECT DISTINCT h.household, s.cluster, i.name_key, s.cluster[1] = 'n' AS numbered,
               max(coalesce(o.born_on, i.born_on)) OVER (PARTITION BY s.cluster) AS born_on
        FROM said s JOIN claim_household h USING (claim) JOIN identity i ON i.id = s.id
        LEFT JOIN owner o ON s.cluster = 'n' || o.citizen_id
    """)
    # One numbered namesake is who is meant; without any, the unnumbered ones are one person.
    bench.run("""
        CREATE TABLE meant AS
        SELECT household, name_key,
               coalesce(min(cluster) FILTER (numbered), min(cluster)) AS cluster,
               coalesce(min(born_on) FILTER (numbered), min(born_on)) AS born_on
        FROM namesakes GROUP BY household, name_key
        HAVING count(DISTINCT cluster) > 1 AND count(DISTINCT cluster) FILTER (numbered) <= 1
    """)
    bench.run("""
        CREATE TABLE same AS
        SELECT n.cluster, min(m.cluster) AS known
        FROM namesakes n JOIN meant m USING (household, name_key)
        WHERE NOT n.numbered AND n.cluster <> m.cluster
          AND (n.born_on IS NULL OR m.born_on IS NULL OR n.born_on = m.born_on)
        GROUP BY n.cluster HAVING count(DISTINCT m.cluster) = 1
    """)
    # A cluster that is itself to be joined to another is not joined to: no chains.
    bench.run("DELETE FROM same WHERE known IN (SELECT cluster FROM same)")
    bench.run("""
        UPDATE link SET cluster = same.known, rule = 'household'
        FROM same WHERE same.cluster = link.cluster
    """)
    return bench.count("same")
