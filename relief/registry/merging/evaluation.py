"""Measures the households that a linkage leads to against the true ones.

Records that have been linked (`matching.evaluation`) go through the same steps as in a merge:
families, values, households. What counts are pairs of different true persons under one roof.
"""

import duckdb

from relief.registry.matching.evaluation import Quality, quality
from relief.registry.matching.faults import first_line
from relief.registry.matching.records import RECORD, BadRecords, Records, quoted
from relief.registry.matching.specification import Specification
from relief.registry.merging import claims, decisions, households, linking, survivorship
from relief.registry.merging.workbench import Workbench
from relief.schemes import authority

# The columns that households are made of, as `relief linkage records` writes them.
NEEDED = (
    "scheme", "department", "region_code", "name", "name_key", "citizen_id", "citizen_id_valid",
    "number_born_on", "born_on", "address", "household_number", "householder_name", "relation",
    "first_on", "last_on", "record_count",
)  # fmt: skip
_FURTHER = ("sex", "ethnicity", "marital", "phone", "account", "health", "died_on")


def can_measure(records: Records) -> bool:
    """Return whether the file has what households are made of."""
    return set(NEEDED) <= set(records.headings)


def evaluate(records: Records, spec: Specification, *, truth: str, home: str) -> Quality:
    """Compose households of what was linked, and compare with the columns `truth` and `home`.

    Each true person stands for itself through the registry person that holds most of its
    records. Raises BadRecords if a column is missing or holds what it should not.
    """
    records.need(home)
    missing = [name for name in NEEDED if name not in records.headings]
    if missing:
        message = f"{records.name} 缺少组成家庭所需的列：{'、'.join(missing)}"
        raise BadRecords(message)
    bench = Workbench(records.connection, records.folder)
    _identities(bench, records)
    survivorship.load_authority(bench, authority.load())
    linking.name_the_groups(bench, spec)
    claims.gather(bench)
    # No steward was asked, or has decided anything.
    bench.run(
        "CREATE TABLE doubt (kind VARCHAR, key VARCHAR, identity_id UUID, other_identity_id UUID,"
        " citizen_id UUID, evidence JSON)"
    )
    bench.run("CREATE TABLE home_decision (anchor VARCHAR)")
    bench.run("CREATE TABLE decision (one VARCHAR)")
    decisions.apply_decisions(bench)
    survivorship.survive(bench)
    households.compose(bench)
    bench.run(f"""
        CREATE TABLE housed AS
        SELECT p.entity, p.home, m.household
        FROM (
            SELECT entity, arg_max(cluster, (records, cluster)) AS cluster,
                   arg_max(home, (records, home)) AS home
            FROM (
                SELECT s.{quoted(truth)} AS entity, s.{quoted(home)} AS home, l.cluster,
                       sum(i.record_count) AS records
                FROM source s JOIN identity i ON i.id = s.{RECORD}
                JOIN link l ON l.identity_id = i.id
                WHERE s.{quoted(truth)} IS NOT NULL AND s.{quoted(home)} IS NOT NULL
                GROUP BY ALL
            ) GROUP BY entity
        ) p JOIN new_member m USING (cluster)
    """)
    return quality(
        _pairs(bench, "household, home"), _pairs(bench, "household"), _pairs(bench, "home")
    )


def _identities(bench: Workbench, records: Records) -> None:
    """Make `identity` as a merge has it: an id in the place of each personal value."""
    further = {name: f"s.{name}" if name in records.headings else "NULL" for name in _FURTHER}
    secret = {
        name: f"md5({text}::VARCHAR)::UUID"
        for name, text in {"citizen_id": "s.citizen_id", **further}.items()
        if name in ("citizen_id", "phone", "account", "health")
    }
    try:
        bench.run(f"""
            CREATE TABLE identity AS
            SELECT s.{RECORD} AS id, s.scheme::VARCHAR AS scheme,
                   s.department::VARCHAR AS department,
                   s.region_code::BIGINT AS region, s.name::VARCHAR AS name,
                   s.name_key::VARCHAR AS name_key, {secret["citizen_id"]} AS citizen_id,
                   coalesce(s.citizen_id_valid::BOOLEAN, false) AS valid,
                   s.number_born_on::DATE AS number_born_on,
                   {further["sex"]}::VARCHAR AS sex, s.born_on::DATE AS born_on,
                   {further["ethnicity"]}::VARCHAR AS ethnicity,
                   {further["marital"]}::VARCHAR AS marital, {secret["phone"]} AS phone,
                   {secret["account"]} AS account, {secret["health"]} AS health,
                   s.address::VARCHAR AS address,
                   s.household_number::VARCHAR AS household_number,
                   s.householder_name::VARCHAR AS householder_name,
                   s.relation::VARCHAR AS relation, {further["died_on"]}::DATE AS died_on,
                   s.first_on::DATE AS first_on, s.last_on::DATE AS last_on,
                   s.record_count::INTEGER AS record_count
            FROM source s
        """)
    except duckdb.ConversionException as error:
        message = f"{records.name} 的列不是应有的格式：{first_line(error)}"
        raise BadRecords(message) from None


def _pairs(bench: Workbench, by: str) -> int:
    row = bench.run(
        f"SELECT coalesce(sum(n * (n - 1) // 2), 0) FROM"
        f" (SELECT count(*) AS n FROM housed GROUP BY {by})"
    ).fetchone()
    return int(row[0]) if row else 0
