"""What is a fault of a description (数据质量): one definition for the figures and for the file.

Works in a workbench on `described`, the source identities with the person (`cluster`) that each
speaks of, and `expected(batch_id, fields, once)`, what each file's layout asks for. Makes
`conflict(id, cluster, fields)`. That another department says otherwise is a fault of both until
one is corrected; what the other says is told nowhere.
"""

from collections.abc import Iterable, Mapping

from relief.registry.intake import layouts
from relief.registry.merging.workbench import Workbench
from relief.registry.types import FileContent, Measure

# Columns of a layout in which something should stand in every row.
NEEDED = (
    "citizen_id",
    "sex",
    "born_on",
    "ethnicity",
    "marital",
    "phone",
    "account",
    "health",
    "address",
    "household_number",
    "householder_name",
    "relation",
)
# What departments are compared by: unknown is no statement, and of a place only the village is.
COMPARED: Mapping[str, str] = {
    "name": "d.name_key",
    "sex": "CASE WHEN d.sex IN ('1', '2') THEN d.sex END",
    "born_on": "d.born_on",
    "ethnicity": "d.ethnicity",
    "marital": "nullif(d.marital[1], '9')",
    "phone": "d.phone",
    "region": "CASE WHEN d.region % 1000 <> 0 THEN d.region END",
    "died_on": "d.died_on",
}
_PERIODIC = {"month", "year", "term", "day"}


def conditions() -> dict[tuple[Measure, str], tuple[str, str]]:
    """Return (measure, field) → when a row has the fault, and when it could have it.

    Of `d`, a row of `described`, `e` of `expected`, `s` of `spread` and the table `conflict`.
    """
    found: dict[tuple[Measure, str], tuple[str, str]] = {
        (Measure.INVALID, "citizen_id"): ("NOT d.valid", "d.citizen_id IS NOT NULL"),
        (Measure.DIFFERS, "born_on"): (
            "d.born_on <> d.number_born_on",
            "d.valid AND d.born_on IS NOT NULL",
        ),
    }
    for field in NEEDED:
        found[Measure.EMPTY, field] = (f"d.{field} IS NULL", f"list_contains(e.fields, '{field}')")
    for field, value in COMPARED.items():
        found[Measure.CONFLICT, field] = (
            f"list_contains(c.fields, '{field}')",
            f"s.wide_{field} AND {value} IS NOT NULL",
        )
    return found


# What the conditions speak of, for every description.
JOINED = """
    described d JOIN expected e ON e.batch_id = d.batch_id
    LEFT JOIN spread s ON s.cluster = d.cluster
    LEFT JOIN conflict c ON c.id = d.id AND c.cluster = d.cluster
"""


def expect(bench: Workbench, batches: Iterable[tuple[str, str]]) -> None:
    """Make `expected` of batches and the ids of their layouts."""
    known = layouts.load_all()
    rows = [(batch, known.get(layout.partition("@")[0])) for batch, layout in batches]
    bench.run("CREATE TABLE expected (batch_id UUID, fields VARCHAR[], once BOOLEAN)")
    if rows:
        fields = [[c.field for c in one.columns if c.field] if one else [] for _, one in rows]
        once = [
            one is not None and one.grain in _PERIODIC and one.content is not FileContent.CHANGES
            for _, one in rows
        ]
        bench.run(
            "INSERT INTO expected SELECT unnest(?)::UUID, unnest(?), unnest(?)",
            [[batch for batch, _ in rows], fields, once],
        )


def compare(bench: Workbench) -> None:
    """Make `spread`, what is said of each person, and `conflict`, who says otherwise."""
    per_field = ", ".join(
        f"min(d.department) FILTER ({value} IS NOT NULL)"
        f" <> max(d.department) FILTER ({value} IS NOT NULL) AS wide_{field},"
        f" min({value}) <> max({value}) AS mixed_{field}"
        for field, value in COMPARED.items()
    )
    bench.run(f"CREATE TABLE spread AS SELECT cluster, {per_field} FROM described d GROUP BY ALL")
    told = " UNION ALL ".join(
        f"SELECT d.id, d.cluster, d.department, '{field}' AS field, hash({value}) AS value"
        f" FROM described d JOIN spread s USING (cluster)"
        f" WHERE s.wide_{field} AND s.mixed_{field} AND {value} IS NOT NULL"
        for field, value in COMPARED.items()
    )
    # Only what is in dispute is held one row a value: a small part of all.
    bench.run(f"CREATE TABLE told AS {told}")
    bench.run("""
        CREATE TABLE conflict AS
        SELECT id, cluster, list(DISTINCT field) AS fields FROM told t
        SEMI JOIN told o ON o.cluster = t.cluster AND o.field = t.field
                        AND o.department <> t.department AND o.value <> t.value
        GROUP BY id, cluster
    """)
    bench.run("DROP TABLE told")


def find_twice(bench: Workbench) -> None:
    """Make `twice(batch_id, cluster, period_on)`: in one period of one list more than once.

    Reads `line(identity_id, period_on)`.
    """
    # Who stands there under one description only would be a repeated row, and was sent back.
    bench.run("""
        CREATE TABLE twice AS
        SELECT d.batch_id, d.cluster, l.period_on, count(*) AS lines
        FROM described d
        SEMI JOIN (
            SELECT batch_id, cluster FROM described JOIN expected e USING (batch_id)
            WHERE e.once GROUP BY batch_id, cluster HAVING count(*) > 1
        ) several ON several.batch_id = d.batch_id AND several.cluster = d.cluster
        JOIN line l ON l.identity_id = d.id
        GROUP BY d.batch_id, d.cluster, l.period_on
        HAVING count(*) > 1 AND count(DISTINCT d.id) > 1
    """)
