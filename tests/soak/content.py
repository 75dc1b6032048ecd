"""What a registry holds, by natural content: no ids, personal values in clear.

Two registries that came from the same files are equal by this, whatever was killed on the way.
A source identity is named by its file and its first row; a person by the identities that speak
of it; a household by its members. Numbers of households are left out: they are given in the
order of merges, and a number once given is never given again.
"""

import hashlib
from collections import Counter
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from relief.core.privacy.cipher import Cipher

Content = dict[str, Counter[tuple[Any, ...]]]

_LIVE = "status IN ('received', 'loaded', 'merged')"
_SECRETS = ("citizen_id", "phone", "account", "health")
_IDENTITY = (
    "id, batch_id, scheme_code, department_code, county_code, region_code, name, name_key,"
    " citizen_id, citizen_id_valid, number_born_on, sex, born_on, ethnicity, marital, phone,"
    " account, health, address, household_number, householder_name, relation, died_on,"
    " first_on, last_on, record_count"
)
_PERSON = (
    "id, county_code, region_code, name, name_key, citizen_id, sex, born_on, ethnicity, marital,"
    " phone, account, health, address, died_on, origins"
)
_HOUSEHOLD = (
    "id, county_code, region_code, address, householder_id, householder_name, phone,"
    " member_count, category, origins"
)


class _Names:
    """The natural name of everything that has an id."""

    def __init__(self, session: Session, cipher: Cipher) -> None:
        self._session = session
        self.of: dict[Any, Any] = {None: None}
        for row_id, kind, envelope in self.rows("SELECT id, kind, ciphertext FROM secret_value"):
            self.of[row_id] = (kind, cipher.open(bytes(envelope), row_id=row_id))
        batches = self.rows("SELECT id, scheme_code, sha256 FROM import_batch")
        self.of |= {row_id: (scheme, bytes(sha).hex()[:12]) for row_id, scheme, sha in batches}
        first_rows = self.rows(
            "SELECT identity_id, batch_id, min(row_number) FROM source_record GROUP BY 1, 2"
        )
        self.of |= {identity: (*self.of[batch], row) for identity, batch, row in first_rows}
        self._name_by_parts("SELECT person_id, identity_id FROM source_link")
        self._name_by_parts("SELECT household_id, person_id FROM membership")
        self.by_text = {str(row_id): name for row_id, name in self.of.items()}

    def rows(self, query: str) -> Any:
        """All rows of a query."""
        return self._session.execute(text(query)).all()

    def _name_by_parts(self, query: str) -> None:
        """Name each whole by the names of its parts."""
        parts: dict[Any, list[Any]] = {}
        for whole, part in self.rows(query):
            parts.setdefault(whole, []).append(self.of[part])
        for whole, names in parts.items():
            self.of[whole] = hashlib.sha256(repr(sorted(names)).encode()).hexdigest()[:16]

    def natural(self, query: str) -> Counter[tuple[Any, ...]]:
        """The rows of a query with every id replaced by the name of what it names."""
        rows = self._session.execute(text(query)).mappings()
        return Counter(tuple(self._value(*pair) for pair in row.items()) for row in rows)

    def _value(self, column: str, value: Any) -> Any:
        if column == "origins":
            return tuple(sorted((k, self.by_text[str(v)]) for k, v in value.items() if v))
        if column == "id" or column.endswith("_id") or column in _SECRETS:
            return self.of.get(value, value)
        return bytes(value) if isinstance(value, memoryview) else value


def registry(session: Session, cipher: Cipher) -> Content:
    """Everything that the live batches say, and what was merged from them."""
    names = _Names(session, cipher)
    live = f"batch_id IN (SELECT id FROM import_batch WHERE {_LIVE})"
    queries = {
        "batches": "SELECT id, scheme_code, department_code, layout, file_name, status, received,"
        f" loaded, rejected, fault, data_on FROM import_batch WHERE {_LIVE}",
        "rejected rows": 'SELECT batch_id, row_number, "column", code, reason FROM rejected_row'
        f" WHERE {live}",
        "records": "SELECT batch_id, row_number, identity_id, county_code, period_on, amount_fen,"
        f" item, fingerprint FROM source_record WHERE {live}",
        "identities": f"SELECT {_IDENTITY} FROM source_identity WHERE {live}",
        "links": "SELECT identity_id, person_id, rule FROM source_link",
        "persons": f"SELECT {_PERSON} FROM person",
        "households": f"SELECT {_HOUSEHOLD} FROM household",
        "memberships": "SELECT person_id, household_id, county_code, relation, source_id"
        " FROM membership",
        "enrolments": "SELECT scheme_code, department_code, county_code, person_id, household_id,"
        " first_on, last_on, record_count, total_fen, last_fen, spells::text AS spells, ended_on"
        " FROM enrolment",
        "aid_year": "SELECT person_id, scheme_code, year, household_id, county_code, times,"
        " amount_fen, months, month_times::text AS month_times, month_fen::text AS month_fen"
        " FROM aid_year",
        "region_aid": "SELECT region_code, year, scheme_code, persons, times::text AS times,"
        " amount_fen::text AS amount_fen FROM region_aid",
        "numbers": "SELECT citizen_id, person_id, county_code FROM identity_registry",
        "questions": "SELECT kind, county_code, region_code, person_id, other_id, identity_id"
        " FROM link_review WHERE closed_at IS NULL",
    }
    return {what: names.natural(query) for what, query in queries.items()}


def differences(wanted: Content, found: Content) -> dict[str, str]:
    """What two registries do not have in common, in a few examples each."""
    told = {}
    for what in wanted:
        lacking, surplus = wanted[what] - found[what], found[what] - wanted[what]
        if lacking or surplus:
            told[what] = (
                f"{lacking.total()} lacking such as {next(iter(lacking), None)};"
                f" {surplus.total()} too many such as {next(iter(surplus), None)}"
            )
    return told
