"""Decides which source identities are the same person.

In this order, each step leaving what it cannot decide to the next:

1. the same valid identity number, unless name *and* birth date disagree: offices write the
   guardian's number for a child. Such a row is left apart, and a steward is asked;
2. the same name under the same household number of the same department's list;
3. the same name, birth date and county;
4. the same phone, with the same name or birth date;
5. for a row that states no birth date: the same name in the same village;
6. otherwise alone.

A row without a valid number joins a person with one only if there is exactly one candidate.
Two different valid numbers are never one person: a number's group is the person.

Reads the table `identity`; makes `link(identity_id, cluster, rule)` and
`doubt(kind, key, identity_id, citizen_id, evidence)`. Ties are broken by content, never by
an id, so the order of imports does not matter.
"""

from relief.registry.merging.workbench import Workbench

# Swapped day and month, as a date, or NULL where that is no date.
_SWAPPED = "try_strptime(strftime({0}, '%Y-%d-%m'), '%Y-%m-%d')::DATE"

# Without a village, a region code ends in three zeros.
_IS_VILLAGE = "({0} % 1000 <> 0)"


def link(bench: Workbench) -> None:
    """Fill `link` and `doubt`."""
    _accept_numbers(bench)
    _directory(bench)
    _link_the_rest(bench)
    _doubts(bench)


def _accept_numbers(bench: Workbench) -> None:
    """Find each valid number's owner, and the rows that agree with that owner."""
    bench.run("""
        CREATE TABLE owner AS
        SELECT citizen_id, any_value(number_born_on) AS born_on,
               arg_max(name_key, standing) AS name_key
        FROM (
            SELECT citizen_id, number_born_on, name_key,
                   row(coalesce(max((born_on = number_born_on)::INT), 0),
                       count(DISTINCT department), sum(record_count), name_key) AS standing
            FROM identity WHERE valid GROUP BY citizen_id, number_born_on, name_key
        )
        GROUP BY citizen_id
    """)
    swapped = _SWAPPED.format("o.born_on")
    bench.run(f"""
        CREATE TABLE numbered AS
        SELECT i.id, i.citizen_id, o.name_key AS owner_name, o.born_on AS owner_born_on,
               coalesce(
               i.name_key = o.name_key
               OR i.born_on = o.born_on
               OR i.born_on = {swapped}
               -- one character mistaken; a child's name of two characters differs by one as well
               OR (i.born_on IS NULL AND length(i.name_key) > 2
                   AND length(i.name_key) = length(o.name_key)
                   AND len(list_filter(range(1, length(i.name_key) + 1),
                           lambda p: i.name_key[p] <> o.name_key[p])) <= 1), false) AS agrees
        FROM identity i JOIN owner o USING (citizen_id) WHERE i.valid
    """)
    bench.run("""
        CREATE TABLE link AS
        SELECT id AS identity_id, 'n' || citizen_id AS cluster, 'number' AS rule
        FROM numbered WHERE agrees
    """)


def _directory(bench: Workbench) -> None:
    """Note under which keys each numbered person can be found, and who still needs a person."""
    bench.run("""
        CREATE TABLE known AS
        SELECT i.*, o.born_on AS true_born_on
        FROM identity i JOIN numbered n ON n.id = i.id AND n.agrees
        JOIN owner o ON o.citizen_id = i.citizen_id
    """)
    bench.run("""
        CREATE TABLE own_list AS
        SELECT department, household_number, name_key, min(citizen_id) AS citizen_id,
               min(true_born_on) AS born_on, count(DISTINCT citizen_id) AS candidates
        FROM known WHERE household_number IS NOT NULL GROUP BY 1, 2, 3
    """)
    bench.run("""
        CREATE TABLE namesake AS
        SELECT name_key, true_born_on AS born_on, county, min(citizen_id) AS citizen_id,
               count(DISTINCT citizen_id) AS candidates
        FROM known GROUP BY 1, 2, 3
    """)
    bench.run(f"""
        CREATE TABLE neighbour AS
        SELECT name_key, region, min(citizen_id) AS citizen_id,
               count(DISTINCT citizen_id) AS candidates
        FROM known WHERE {_IS_VILLAGE.format("region")} GROUP BY 1, 2
    """)
    # Families share a phone, so it counts only together with a name or a birth date.
    for table, column in (("phone_name", "name_key"), ("phone_birth", "true_born_on")):
        bench.run(f"""
            CREATE TABLE {table} AS
            SELECT phone, {column} AS value, min(citizen_id) AS citizen_id,
                   min(true_born_on) AS born_on, count(DISTINCT citizen_id) AS candidates
            FROM known WHERE phone IS NOT NULL GROUP BY 1, 2
        """)
    # A birth date inside a mistyped number is still a hint, if the file states none.
    bench.run("""
        CREATE TABLE rest AS
        SELECT i.*, coalesce(i.born_on, CASE WHEN NOT i.valid THEN i.number_born_on END) AS birth
        FROM identity i LEFT JOIN link ON link.identity_id = i.id
        WHERE link.identity_id IS NULL
    """)


def _link_the_rest(bench: Workbench) -> None:
    swapped = _SWAPPED.format("r.birth")
    bench.run(f"""
        CREATE TABLE candidate AS
        SELECT r.id,
               CASE WHEN o.candidates = 1
                     AND (r.birth IS NULL OR r.birth = o.born_on OR {swapped} = o.born_on)
                    THEN o.citizen_id END AS by_list,
               coalesce(b.candidates, s.candidates) AS namesakes,
               CASE WHEN coalesce(b.candidates, s.candidates) = 1
                    THEN coalesce(b.citizen_id, s.citizen_id) END AS by_name,
               CASE WHEN pn.candidates = 1
                     AND (r.birth IS NULL OR r.birth = pn.born_on OR {swapped} = pn.born_on)
                    THEN pn.citizen_id
                    WHEN pb.candidates = 1 THEN pb.citizen_id END AS by_phone,
               n.candidates AS neighbours,
               CASE WHEN n.candidates = 1 THEN n.citizen_id END AS by_village
        FROM rest r
        LEFT JOIN own_list o ON o.department = r.department
             AND o.household_number = r.household_number AND o.name_key = r.name_key
        LEFT JOIN namesake b ON b.name_key = r.name_key AND b.born_on = r.birth
             AND b.county = r.county
        LEFT JOIN namesake s ON b.name_key IS NULL AND s.name_key = r.name_key
             AND s.born_on = {swapped} AND s.county = r.county
        LEFT JOIN phone_name pn ON pn.phone = r.phone AND pn.value = r.name_key
        LEFT JOIN phone_birth pb ON pb.phone = r.phone AND pb.value = r.birth
        LEFT JOIN neighbour n ON r.birth IS NULL AND n.name_key = r.name_key
             AND n.region = r.region
    """)
    bench.run("""
        INSERT INTO link
        SELECT id, 'n' || coalesce(by_list, by_name, by_phone, by_village),
               CASE WHEN by_list IS NOT NULL THEN 'own_list'
                    WHEN by_name IS NOT NULL THEN 'name_birth_region'
                    WHEN by_phone IS NOT NULL THEN 'phone'
                    ELSE 'name_village' END
        FROM candidate WHERE coalesce(by_list, by_name, by_phone, by_village) IS NOT NULL
    """)
    _group_the_unnumbered(bench)


def _group_the_unnumbered(bench: Workbench) -> None:
    """Group the people of whom no record has a valid number among themselves.

    A birth date that one row of a list states counts for that list's rows without one, and so
    does the only birth date that goes with the name in the village.
    """
    bench.run(f"""
        CREATE TABLE unnumbered AS
        SELECT r.*, {_IS_VILLAGE.format("r.region")} AS in_village,
               coalesce(
                   birth,
                   CASE WHEN household_number IS NOT NULL THEN max(birth) OVER (
                       PARTITION BY department, household_number, name_key) END,
                   CASE WHEN min(birth) OVER here = max(birth) OVER here
                        THEN max(birth) OVER here END) AS known_birth
        FROM rest r ANTI JOIN link ON link.identity_id = r.id
        WINDOW here AS (PARTITION BY region, name_key)
    """)
    bench.run("""
        INSERT INTO link
        SELECT id, 'u' || md5(concat_ws('|', key, part)), rule FROM (
            SELECT id,
                   CASE WHEN known_birth IS NOT NULL
                        THEN concat_ws('|', 'b', name_key, known_birth, county)
                        WHEN in_village THEN concat_ws('|', 'v', name_key, region)
                        WHEN household_number IS NOT NULL
                        THEN concat_ws('|', 'l', department, household_number, name_key)
                        ELSE concat_ws('|', 'a', scheme, name_key, region, address, citizen_id)
                   END AS key,
                   -- namesakes that the numbers know to be several people stay apart by list
                   CASE WHEN greatest(c.namesakes, c.neighbours) > 1
                        THEN concat_ws('|', department, household_number) END AS part,
                   CASE WHEN known_birth IS NOT NULL THEN 'name_birth_region'
                        WHEN in_village THEN 'name_village'
                        WHEN household_number IS NOT NULL THEN 'own_list' ELSE 'alone' END AS rule
            FROM unnumbered u JOIN candidate c USING (id)
        )
    """)


def _doubts(bench: Workbench) -> None:
    """Write down what a steward must look at, one row for each pair of things compared."""
    bench.run("""
        CREATE TABLE doubt AS
        SELECT 'number_shared' AS kind,
               n.citizen_id || '|' || md5(concat_ws('|', i.name_key, i.born_on)) AS key,
               arg_min(i.id, (i.scheme, i.name_key, i.id)) AS identity_id,
               n.citizen_id AS citizen_id,
               json_object('owner', any_value(n.owner_name), 'other', min(i.name_key),
                           'owner_born_on', any_value(n.owner_born_on),
                           'other_born_on', min(i.born_on),
                           'schemes', list_sort(list(DISTINCT i.scheme))) AS evidence
        FROM numbered n JOIN identity i ON i.id = n.id
        WHERE NOT n.agrees GROUP BY n.citizen_id, i.name_key, i.born_on
        UNION ALL
        SELECT 'ambiguous_fallback',
               md5(concat_ws('|', r.name_key, coalesce(r.birth::VARCHAR, r.region::VARCHAR),
                             r.county)),
               arg_min(r.id, (r.scheme, r.name_key, r.id)), NULL,
               json_object('other', min(r.name_key), 'other_born_on', min(r.birth),
                           'candidates', max(greatest(c.namesakes, c.neighbours)),
                           'schemes', list_sort(list(DISTINCT r.scheme)))
        FROM candidate c JOIN rest r USING (id)
        WHERE greatest(c.namesakes, c.neighbours) > 1 AND coalesce(c.by_list, c.by_phone) IS NULL
        GROUP BY r.name_key, coalesce(r.birth::VARCHAR, r.region::VARCHAR), r.county
    """)
