"""Makes the value of each register from a stored row."""

import uuid
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from relief.registers import entries
from relief.registers.entries import RegisterEntry
from relief.registers.models import StoredEntry
from relief.registers.types import (
    AssetKind,
    BusinessRole,
    DeathSource,
    HouseUse,
    InsuranceKind,
    MonitoredKind,
    PensionKind,
    Register,
    SelfHelp,
    VehicleKind,
)

# What each register's value takes of a row, besides what all have.
_OWN: Mapping[Register, tuple[type[RegisterEntry], Callable[[StoredEntry], Mapping[str, Any]]]] = {
    Register.FISCAL_STAFF: (
        entries.FiscalPost,
        lambda row: {"employer": row.place, "pay_fen": row.amount_fen, **_held(row)},
    ),
    Register.CADRES: (
        entries.CadrePost,
        lambda row: {"committee": row.place, "region_code": row.region_code, **_held(row)},
    ),
    Register.VEHICLES: (
        entries.Vehicle,
        lambda row: {"kind": VehicleKind(_kind(row)), "value_fen": row.amount_fen, **_held(row)},
    ),
    Register.REAL_ESTATE: (
        entries.House,
        lambda row: (
            {
                "house_id": row.group_id,
                "use": HouseUse(_kind(row)),
                "address": row.place,
                "area_dm2": row.area_dm2,
                **_held(row),
            }
        ),
    ),
    Register.BUSINESSES: (
        entries.Business,
        lambda row: (
            {
                "business": row.place,
                "role": BusinessRole(_kind(row)),
                "turnover_fen": row.amount_fen,
                **_held(row),
            }
        ),
    ),
    Register.PROVIDENT_FUND: (
        entries.ProvidentFund,
        lambda row: {"employer": row.place, "base_fen": row.amount_fen, **_paid(row)},
    ),
    Register.SOCIAL_INSURANCE: (
        entries.Insurance,
        lambda row: (
            {
                "kind": InsuranceKind(_kind(row)),
                "employer": row.place,
                "base_fen": row.amount_fen,
                **_paid(row),
            }
        ),
    ),
    Register.PENSIONS: (
        entries.Pension,
        lambda row: {"kind": PensionKind(_kind(row)), "amount_fen": row.amount_fen, **_held(row)},
    ),
    Register.BALANCES: (
        entries.Balance,
        lambda row: {
            "kind": AssetKind(_kind(row)),
            "institution": row.place,
            "account_id": row.account_id,
            "balance_fen": row.amount_fen,
            "balance_on": row.from_on,
        },
    ),
    Register.DEATHS: (
        entries.Death,
        lambda row: {"source": DeathSource(_kind(row)), "died_on": row.from_on},
    ),
    Register.HOUSEHOLD_REGISTER: (
        entries.Residence,
        lambda row: (
            {
                "booklet_id": row.group_id,
                "relation": row.relation,
                "born_on": row.born_on,
                **_held(row),
            }
        ),
    ),
    Register.MARRIAGES: (
        entries.Marriage,
        lambda row: (
            {"spouse_number_id": row.other_number_id, "spouse_name": row.other_name, **_held(row)}
        ),
    ),
    Register.DISABILITY_CERTIFICATES: (
        entries.DisabilityCertificate,
        lambda row: (
            {"number_agrees": bool(row.agrees), "kind": row.kind, "grade": row.grade, **_held(row)}
        ),
    ),
    Register.DISASTER_VICTIMS: (
        entries.DisasterVictim,
        lambda row: {
            "event_id": row.group_id,
            "event": row.place,
            "happened_on": row.from_on,
            "loss_fen": row.amount_fen,
            "self_help": SelfHelp(_kind(row)),
        },
    ),
    Register.MONITORED_HOUSEHOLDS: (
        entries.MonitoredHousehold,
        lambda row: {
            "monitored_id": row.group_id,
            "kind": MonitoredKind(_kind(row)),
            "risk": row.place,
            "found_on": row.from_on,
            "to_on": row.to_on,
        },
    ),
}


def entry_of(
    row: StoredEntry,
    *,
    data_on: date,
    person_id: uuid.UUID | None,
    other_person_id: uuid.UUID | None,
) -> RegisterEntry:
    """Return what a row says, as its register's own value."""
    made, own = _OWN[row.register]
    common: dict[str, Any] = {
        "register": row.register,
        "person_id": person_id,
        "number_id": row.number_id,
        "name": row.name,
        "batch_id": row.batch_id,
        "row_number": row.row_number,
        "data_on": data_on,
        "state": row.state,
    }
    if row.register is Register.MARRIAGES:
        common["spouse_person_id"] = other_person_id
    return made(**common, **own(row))


def _held(row: StoredEntry) -> Mapping[str, Any]:
    return {"from_on": row.from_on, "to_on": row.to_on}


def _paid(row: StoredEntry) -> Mapping[str, Any]:
    return {"paid_from": row.from_on, "paid_to": row.to_on}


def _kind(row: StoredEntry) -> str:
    assert row.kind is not None  # noqa: S101  # intake requires it of these registers
    return row.kind
