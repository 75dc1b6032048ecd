"""Decides which value of each field a person has, and remembers where it came from.

The value of the scheme with the highest authority for that field wins; among equals the latest,
then the one that more records repeat, then by content. A field without an authority list, such
as the phone, goes by age. The birth date inside a valid identity
number beats every stated one. Of two valid numbers that a steward gave one person, the one of
higher authority is shown, by the same rules. Reads `identity`, `link`, `owner` and `held`; makes
`new_person`, one row a cluster.
"""

from collections.abc import Mapping, Sequence

from relief.registry.merging.signatures import LAST_WORD
from relief.registry.merging.workbench import Workbench

FIELDS = (
    "name",
    "sex",
    "born_on",
    "ethnicity",
    "marital",
    "phone",
    "account",
    "health",
    "address",
    "died_on",
)
_WON = (*FIELDS, "region", "citizen_id")
_LAST = 99  # rank of a scheme that an authority list does not name

# Newest first, then the most repeated: both as one number that sorts upward.
_FRESHNESS = (
    "(100000 - coalesce(date_diff('day', DATE '1900-01-01', i.last_on), 0)) * 1000000"
    " + (999999 - least(i.record_count, 999999))"
)
# A village says more than a township, a township more than a county.
_COARSENESS = (
    "CASE WHEN i.region % 1000 <> 0 THEN 0 WHEN i.region % 1000000 <> 0 THEN 1"
    " WHEN i.region % 100000000 <> 0 THEN 2 ELSE 3 END"
)


def load_authority(bench: Workbench, authority: Mapping[str, Sequence[str]]) -> None:
    """Make the table `authority(field, scheme, rank)`; rank 0 wins."""
    bench.run("CREATE TABLE authority (field VARCHAR, scheme VARCHAR, rank INTEGER)")
    rows = [
        (field, scheme, rank)
        for field, schemes in authority.items()
        for rank, scheme in enumerate(schemes)
    ]
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        bench.run("INSERT INTO authority SELECT unnest(?), unnest(?), unnest(?)", columns)


def survive(bench: Workbench) -> None:
    """Fill `new_person(cluster, …fields, region, county, citizen_id, origins)`."""
    _ranks(bench)
    winners = ",\n".join(_winner(field) for field in FIELDS)
    bench.run(f"""
        CREATE TABLE won AS
        SELECT l.cluster,
               {winners},
               {_winner("region", first=_COARSENESS)},
               {_winner("citizen_id", first="(NOT i.valid)::INT", only=_NUMBER_ALLOWED)}
        FROM link l JOIN identity i ON i.id = l.identity_id
        LEFT JOIN rank r ON r.scheme = i.scheme
        LEFT JOIN held h ON h.citizen_id = i.citizen_id AND h.cluster = l.cluster
        GROUP BY l.cluster
    """)
    fields = ", ".join(f"w_{field}.value AS {field}" for field in FIELDS if field != "born_on")
    origins = ", ".join(f"'{field}', w_{field}.id" for field in _WON)
    bench.run(f"""
        CREATE TABLE new_person AS
        SELECT won.cluster, {fields},
               coalesce(o.born_on, w_born_on.value) AS born_on,
               w_region.value AS region, (w_region.value // 1000000)::INTEGER AS county,
               w_citizen_id.value AS citizen_id, o.citizen_id AS valid_number,
               json_object({origins}) AS origins
        FROM won LEFT JOIN held h ON h.cluster = won.cluster AND h.citizen_id = w_citizen_id.value
        LEFT JOIN owner o ON o.citizen_id = h.citizen_id
    """)


# The number of a row that was left apart from the number's owner is not this person's.
_NUMBER_ALLOWED = "(NOT i.valid OR h.citizen_id IS NOT NULL)"


def _ranks(bench: Workbench) -> None:
    """Make `rank(scheme, …one column a field)`, so that one pass ranks every field."""
    ranks = ", ".join(f"min(rank) FILTER (field = '{field}') AS {field}" for field in _WON)
    bench.run(f"CREATE TABLE rank AS SELECT scheme, {ranks} FROM authority GROUP BY scheme")


def _winner(field: str, *, first: str = "0", only: str = "true") -> str:
    """Return one aggregate: a struct of the winning value and its identity."""
    order = f"coalesce(r.{field}, {_LAST}), {_FRESHNESS}"
    last = LAST_WORD.format("i.")
    return (
        f"arg_min({{'value': i.{field}, 'id': i.id}},"
        f" row({first}, {order}, i.scheme, i.{field}::VARCHAR, {last}))"
        f" FILTER (i.{field} IS NOT NULL AND {only}) AS w_{field}"
    )
