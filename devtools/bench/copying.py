"""Copies cases for other people, by SQL: one that the services made stands for many.

A copy has every row that hangs on the case, with ids, dates and applicant of its own. So what is
copied is whole and lawful, in whatever form the tables are, and costs a statement a table.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

# Made from the old id and the copy's number, so that rows of several tables name one another. Its
# beginning is the instant of the copy: ids sort by creation as those of the platform do.
_ID = """
CREATE OR REPLACE FUNCTION pg_temp.copy_id(old uuid, n bigint, stamp text) RETURNS uuid
LANGUAGE sql IMMUTABLE AS $$
SELECT (stamp || '7' || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid
FROM md5(old::text || n) h
$$
"""
_COPIES = """
CREATE TEMP TABLE copy_of AS
SELECT w.*, p.name, p.born_on, p.home_region_code AS region,
    (SELECT min(l.identity_id::text)::uuid FROM source_link l WHERE l.person_id = p.id) AS identity,
    lpad(to_hex((extract(epoch FROM c.submitted_at - make_interval(days => w.days)) * 1000)::bigint
        + mod(w.n, 20000000)), 12, '0') AS stamp
FROM ({wanted}) w JOIN person p ON p.id = w.person JOIN aid_case c ON c.id = w.template
ORDER BY stamp
"""
_HANGING = """
SELECT DISTINCT k.conrelid::regclass::text
FROM pg_constraint k
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
WHERE k.contype = 'f' AND k.confrelid = 'aid_case'::regclass AND a.attname = 'case_id'
"""
_COLUMNS = """
SELECT a.attname, a.atttypid::regtype::text, EXISTS (
    SELECT FROM pg_constraint k WHERE k.contype = 'f' AND k.conrelid = a.attrelid
        AND a.attnum = ANY (k.conkey) AND k.confrelid::regclass::text = ANY (%s))
FROM pg_attribute a
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    AND a.attidentity = ''
ORDER BY a.attnum
"""
_INSERT = """
WITH r AS MATERIALIZED ({rows})
INSERT INTO {table} ({columns})
SELECT {values} FROM copy_of b JOIN r ON r.copied_case = b.template
"""
_CASE, _ENTITLEMENT = "aid_case", "entitlement"
_ROWS = {
    _CASE: "SELECT t.*, t.id AS copied_case FROM aid_case t",
    _ENTITLEMENT: "SELECT t.*, d.case_id AS copied_case FROM entitlement t"
    " JOIN case_decision d ON d.id = t.decision_id",
}
_HANGS = "SELECT t.*, t.case_id AS copied_case FROM {table} t"
_OF_TEMPLATES = " WHERE {case} = ANY (ARRAY(SELECT DISTINCT template FROM copy_of))"
_COPIED_ID = 'pg_temp.copy_id(r."{column}", b.n, b.stamp)'
# A decision's id, of which no constraint of the table says that it is one.
_IDS = frozenset({"id", "case_id", "decision_id"})
_GIVEN: Mapping[str, str] = {
    "number": "b.number",
    "person_id": "b.person",
    "identity_id": "b.identity",
    "applicant_name": "b.name",
    "applicant_born_on": "b.born_on",
    "region_code": "b.region",
    "county_code": "(b.region / 1000000)::integer",
}
_MOVED: Mapping[str, str] = {
    "date": 'r."{column}" - b.days',
    "timestamp with time zone": 'r."{column}" - make_interval(days => b.days)',
    # Without an end it would keep the same people from being entitled anew.
    "daterange": 'daterange(lower(r."{column}") - b.days,'
    ' least(upper(r."{column}"), lower(r."{column}") + 365) - b.days)',
}
# The number of a paper is its case's, with a letter.
_BESIDE = {("case_paper", "number"): 'b.number || right(r."number", 1)'}
_OWN = frozenset({"number", "applicant_name", "applicant_born_on"})  # of a case alone


def copy_cases(
    connection: "psycopg.Connection[Any]",
    wanted: str,
    arguments: Sequence[Any] | Mapping[str, Any],
) -> int:
    """Copy cases as a superuser, in one transaction of the caller's; return how many.

    `wanted` is a query for `n` (its number, a bigint), `template` (id of the case that is copied),
    `person` (who it is for), `days` (how much earlier it began) and `number` (its name for people).
    """
    # The rows are those of cases whose keys were checked; copying them is most of a measurement.
    connection.execute("SET LOCAL session_replication_role = replica")
    connection.execute("DROP TABLE IF EXISTS pg_temp.copy_of")
    connection.execute(_ID)
    connection.execute(_COPIES.format(wanted=wanted).encode(), arguments)
    connection.execute("ANALYZE pg_temp.copy_of")
    hanging = [table for (table,) in connection.execute(_HANGING).fetchall()]
    copied = connection.execute(_statement(connection, _CASE, hanging)).rowcount
    for table in [*sorted(hanging), _ENTITLEMENT]:
        connection.execute(_statement(connection, table, hanging))
    connection.execute("SET LOCAL session_replication_role = origin")
    return copied


def _statement(connection: "psycopg.Connection[Any]", table: str, hanging: Sequence[str]) -> bytes:
    """Return what copies the rows of one table."""
    found = connection.execute(_COLUMNS, [[_CASE, *hanging], table]).fetchall()
    values = {column: _value(table, column, kind, copied) for column, kind, copied in found}
    case = {_CASE: "t.id", _ENTITLEMENT: "d.case_id"}.get(table, "t.case_id")
    return _INSERT.format(
        table=table,
        rows=_ROWS.get(table, _HANGS.format(table=table)) + _OF_TEMPLATES.format(case=case),
        columns=", ".join(f'"{column}"' for column in values),
        values=", ".join(values.values()),
    ).encode()


def _value(table: str, column: str, kind: str, copied: bool) -> str:  # noqa: FBT001  # a column
    """Return what a copy has in a column. `copied`: it names a row that is copied, too."""
    if (table, column) in _BESIDE:
        return _BESIDE[table, column]
    if (column in _IDS or copied) and kind == "uuid":
        return _COPIED_ID.format(column=column)
    if column in _GIVEN and (table == _CASE or column not in _OWN):
        return _GIVEN[column]
    return _MOVED.get(kind, 'r."{column}"').format(column=column)
