"""A workbench with a few source identities, for tests of the merge without a database."""

import uuid
from datetime import date

from relief.core.citizen_id import check_character
from relief.registry.merging.workbench import Workbench

DEFAULTS = {
    "scheme": "S01",
    "department": "D01",
    "county": 210302,
    "region": 210302002001,
    "name": "王小明",
    "number": None,
    "valid": None,
    "number_born_on": None,
    "sex": "1",
    "born_on": date(1980, 3, 4),
    "ethnicity": "01",
    "marital": "20",
    "phone": None,
    "account": None,
    "health": None,
    "address": None,
    "household_number": None,
    "householder_name": None,
    "relation": None,
    "died_on": None,
    "first_on": date(2026, 1, 1),
    "last_on": date(2026, 10, 1),
    "record_count": 10,
}


def number(name: str) -> uuid.UUID:
    """The secret id that stands for an identity number in a test."""
    return uuid.uuid5(uuid.NAMESPACE_OID, name)


def digits(name: str, born_on: date) -> str:
    """What stands on the card of the number of that name; `A?` is A's with one digit mistaken."""
    if name.endswith("?"):
        right = digits(name.removesuffix("?"), born_on)
        return f"{right[:15]}{(int(right[15]) + 5) % 10}{right[16:]}"
    sequence = number(name).int % 1000
    first17 = f"210302{born_on:%Y%m%d}{sequence:03d}"
    return first17 + check_character(first17)


def fill(bench: Workbench, *people: dict) -> list[uuid.UUID]:
    """Make `identity` from what each row says beside the defaults; return the row ids."""
    bench.run("""
        CREATE TABLE identity (id UUID, batch_id UUID, scheme VARCHAR, department VARCHAR,
            county INTEGER, region BIGINT, name VARCHAR, name_key VARCHAR, citizen_id UUID,
            valid BOOLEAN, number_born_on DATE, sex VARCHAR, born_on DATE, ethnicity VARCHAR,
            marital VARCHAR, phone UUID, account UUID, health UUID, address VARCHAR,
            household_number VARCHAR, householder_name VARCHAR, relation VARCHAR, died_on DATE,
            first_on DATE, last_on DATE, record_count INTEGER, by_file BOOLEAN)
    """)
    bench.run("CREATE TABLE digits (citizen_id UUID, number VARCHAR)")
    bench.run(
        "CREATE TABLE decision (one VARCHAR, other VARCHAR, same BOOLEAN, decided_at TIMESTAMP,"
        " moved VARCHAR)"
    )
    bench.run("CREATE TABLE delivered (scheme VARCHAR, last_on DATE)")
    bench.run("CREATE TABLE home_decision (anchor VARCHAR, claim VARCHAR, decided_at TIMESTAMP)")
    ids = []
    for position, said in enumerate(people):
        row = DEFAULTS | said
        row_id = uuid.UUID(int=position + 1)
        has_number = row["number"] is not None
        valid = has_number if row["valid"] is None else row["valid"]
        born = row["number_born_on"] or (row["born_on"] if has_number else None)
        bench.run(
            f"INSERT INTO identity VALUES ({', '.join('?' * 26)}, true)",  # noqa: S608
            [
                row_id, uuid.UUID(int=0), row["scheme"], row["department"], row["county"],
                row["region"], row["name"], row.get("name_key", row["name"]),
                number(row["number"]) if has_number else None, valid, born, row["sex"],
                row["born_on"], row["ethnicity"], row["marital"], row["phone"], row["account"],
                row["health"], row["address"], row["household_number"], row["householder_name"],
                row["relation"], row["died_on"], row["first_on"], row["last_on"],
                row["record_count"],
            ],
        )  # fmt: skip
        if has_number:
            written = digits(row["number"], born or date(1980, 3, 4))
            bench.run(
                "INSERT INTO digits SELECT ?, ? WHERE NOT EXISTS"
                " (SELECT 1 FROM digits WHERE citizen_id = ?)",
                [number(row["number"]), written, number(row["number"])],
            )
        ids.append(row_id)
    return ids


def people_of(bench: Workbench) -> list[set[int]]:
    """Which rows (by position from 0) are one person, in a stable order."""
    groups: dict[str, set[int]] = {}
    for row_id, cluster in bench.run("SELECT identity_id, cluster FROM link").fetchall():
        groups.setdefault(cluster, set()).add(row_id.int - 1)
    return sorted(groups.values(), key=min)
