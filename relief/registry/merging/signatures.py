"""The content signature of a source identity: what it says of a person, in one digest.

A steward's decision is kept by signature and not by id, so that it holds for every later file
that describes the person in the same words. A valid number says who is meant; without one, the
list and the place are needed too, or namesakes would share a signature.

The expression is defined once, and runs the same in PostgreSQL (where an index is made of it, so
nothing in it may depend on a setting) and in DuckDB.
"""

import hashlib
from dataclasses import dataclass

OF_IDENTITY = "i:"  # begins the anchor of one identity, where its signature says too little
OF_CLAIM = "h:"  # begins the anchor of a department's household number


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns are called that the two databases call differently."""

    valid: str
    department: str
    region: str


# Of two identities that say the same, which one is named must not be left to chance: it is told by
# all else that they say, and by their ids only if nothing else tells them apart. Not by phone or
# number, which are ids here and others in another database. For DuckDB.
LAST_WORD = (
    "hash({0}name, {0}born_on, {0}address, {0}household_number, {0}relation, {0}first_on,"
    " {0}householder_name, {0}number_born_on, {0}sex, {0}region, {0}last_on,"
    " {0}record_count), {0}id"
)

POSTGRESQL = Columns(valid="citizen_id_valid", department="department_code", region="region_code")
DUCKDB = Columns(valid="valid", department="department", region="region")


def of_claim(department: str, household_number: str) -> str:
    """Return the anchor of the household that a department lists under a number."""
    claim = f"{department}|{household_number}"
    return OF_CLAIM + hashlib.md5(claim.encode(), usedforsecurity=False).hexdigest()


def signature(columns: Columns, prefix: str = "") -> str:
    """Return the SQL of the signature; `prefix` is that of the identity's columns, as `i.`."""
    # A date as days: how a date is written in text is a setting of PostgreSQL's session.
    born = f"coalesce(({prefix}born_on - DATE '1900-01-01')::text, '')"
    return (
        f"md5({prefix}name_key || '|' || coalesce({prefix}citizen_id::text, '') || '|' || {born}"
        f" || CASE WHEN {prefix}{columns.valid} THEN '' ELSE '|' || {prefix}{columns.department}"
        f" || '|' || coalesce({prefix}household_number, '') || '|'"
        f" || {prefix}{columns.region}::text END)"
    )
