"""Loading the schemes, procedures, combination rules and dated parameters from `seeds/`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from relief.core.clock import local_date
from relief.core.seeding import Row
from relief.organisation.seeding import Plan, city_code, read_catalogue, synchronise_all
from relief.schemes import catalogue as catalogues
from relief.schemes import (
    check_rules,
    county_standards,
    held_papers,
    recognition,
    regional_soundness,
    rosters,
    rule_soundness,
    rules,
    soundness,
)
from relief.schemes.check_rules import CheckRule
from relief.schemes.county_standards import CountyStandard
from relief.schemes.drafting import kept
from relief.schemes.errors import UnsoundCatalogue
from relief.schemes.held_papers import HeldPaper
from relief.schemes.models import (
    CombinationRule,
    DataProvider,
    Delivery,
    KinCircle,
    Parameter,
    PauseReason,
    Procedure,
    ProcedureEvent,
    ProcedureStage,
    ReminderRule,
    Scheme,
    StageOwner,
)

# The stages of an earlier version stay, because open cases run on them.
_EDITION = ["procedure_code", "procedure_version"]

# What every scheme has has its own column; the rest goes to `extra`.
_COMMON = {
    "code", "zh", "short_name", "en", "category", "lead", "unit", "kind", "period", "entry",
    "start", "payer", "procedure", "joint", "data", "eligibility", "reverify", "legal", "amount",
}  # fmt: skip


def load_seeds(session: Session, *, now: datetime) -> dict[str, int]:
    """Bring the schemes' tables into step with `seeds/`, and return how many rows changed.

    A procedure of which a version was published in the console is left alone, and logged; so is a
    value of a parameter that was.
    Needs the organisation's seeds. Loading twice changes nothing and records nothing. Raises
    UnsoundCatalogue if a procedure, today or from a later day, cannot be gone through, or a rule
    cannot be applied.
    """
    catalogue = read_catalogue()
    city = city_code()
    held = kept.kept(session)
    procedures = kept.of_seeds(catalogue["procedures"], held)
    values = [parameter_row(entry, city) for entry in catalogue["parameters"]]
    plan: Plan = [
        (DataProvider, [_provider(entry) for entry in catalogue["providers"]], None),
        (ProcedureEvent, [_event(entry) for entry in catalogue["events"]], None),
        (StageOwner, [_owner(entry) for entry in catalogue["owners"]], None),
        *(_procedures(procedures) if procedures else ()),
        (Scheme, [_scheme(entry) for entry in catalogue["schemes"]], None),
        (CombinationRule, [_combination(entry) for entry in catalogue["combinations"]], []),
        (Parameter, kept.parameters_of_seeds(session, values), None),
        (CountyStandard, list(county_standards.seed_rows(catalogue["county_standards"])), []),
        (Delivery, [_delivery(entry) for entry in catalogue["deliveries"]], []),
        (KinCircle, list(_circles(catalogue["kin_circles"])), None),
        (PauseReason, list(_pause_reasons(catalogue["pause_reasons"])), None),
        (ReminderRule, list(_reminders(catalogue["reminders"])), None),
        *rules.seed_plan(),
        *recognition.seed_plan(),
        *rosters.seed_plan(),
        (CheckRule, list(check_rules.seed_rows(catalogue["checks"])), None),
        (HeldPaper, list(held_papers.seed_rows(catalogue["held_papers"])), []),
    ]
    changes = synchronise_all(session, plan, part="schemes", now=now)
    today = local_date(now)
    later = {entry["valid_from"] for _, entry in procedures} | {one.valid_from for one in held}
    for day in (today, *sorted(day for day in later if day > today)):
        then = catalogues.load(session, on=day)
        # A stage that a city's own version has no more is simply not there to be left out.
        seeded = {code: then.plans[code] for code, _ in procedures if code in then.plans}
        if found := soundness.faults(then) or recognition.faults(session, seeded):
            raise UnsoundCatalogue("；".join(map(str, found)))
    if found := rosters.faults(session, procedures=then.plans, on=today):
        raise UnsoundCatalogue("；".join(map(str, found)))
    book = rules.book(session)
    allowed = county_standards.by_name(session)
    if found := rule_soundness.faults(book) + regional_soundness.faults(book, allowed):
        raise UnsoundCatalogue("；".join(map(str, found)))
    return changes


def _procedures(entries: Sequence[tuple[str, Mapping[str, Any]]]) -> Plan:
    stages = [row for code, entry in entries for row in _stages(code, entry)]
    return [
        (Procedure, [_procedure(code, entry) for code, entry in entries], None),
        (ProcedureStage, stages, _EDITION),
    ]


def _provider(entry: Mapping[str, Any]) -> Row:
    return {"code": entry["code"], "name": entry["zh"], "data": entry["data"]}


def _event(entry: Mapping[str, Any]) -> Row:
    return {
        "code": entry["code"],
        "name": entry["zh"],
        "outside": entry.get("outside", False),
        "note": entry.get("note"),
    }


def _owner(entry: Mapping[str, Any]) -> Row:
    return {
        "code": entry["code"],
        "name": entry["zh"],
        "levels": entry["levels"],
        "department_code": entry.get("department"),
        "each": entry.get("each"),
        "school": entry.get("school", False),
    }


def _procedure(code: str, entry: Mapping[str, Any]) -> Row:
    total = entry["total"]
    return {
        "code": code,
        "version": entry["version"],
        "name": entry["zh"],
        "valid_from": entry["valid_from"],
        "total_limit": total["limit"],
        "total_day_type": total.get("day_type"),
        "total_from": total.get("from"),
        "extended_limit": total.get("extended"),
        "delegated_limit": total.get("delegated_total"),
        "rolls": total.get("rolls", True),
        "legal": total.get("legal"),
        "confidence": total["conf"],
    }


def _stages(code: str, entry: Mapping[str, Any]) -> Iterator[Row]:
    for position, stage in enumerate(entry["stages"], start=1):
        yield {
            "procedure_code": code,
            "procedure_version": entry["version"],
            "code": stage["code"],
            "position": position,
            "name": stage["zh"],
            "kind": stage["kind"],
            "owner": stage["owner"],
            "limit": stage["limit"],
            "day_type": stage["day_type"],
            "starts_from": stage["from"],
            "raises": stage.get("raises", []),
            "after": stage.get("after", []),
            "papers": stage.get("papers", []),
            "parallel": stage.get("parallel", False),
            "conceals": stage.get("conceals", False),
            "investigators": stage.get("investigators", 0),
            "note": stage.get("note"),
            "confidence": stage["conf"],
        }


def _scheme(entry: Mapping[str, Any]) -> Row:
    amount = entry["amount"]
    return {
        "code": entry["code"],
        "name": entry["zh"],
        "short_name": entry["short_name"],
        "name_en": entry["en"],
        "department_code": entry["lead"],
        "unit": entry["unit"],
        "kind": entry["kind"],
        "period": entry["period"],
        "entry": entry["entry"],
        "start": entry["start"],
        "payer": entry["payer"],
        "procedure_code": entry["procedure"],
        "joint_departments": entry["joint"],
        "data_providers": entry["data"],
        "eligibility": entry["eligibility"],
        "recheck": entry["reverify"],
        "legal": entry["legal"],
        "amount_min_fen": amount["min"] * 100,
        "amount_max_fen": amount["max"] * 100,
        "amount_per": amount["per"],
        "amount_basis": amount.get("basis"),
        "confidence": amount["conf"],
        "category": entry["category"],
        "extra": {key: value for key, value in entry.items() if key not in _COMMON},
    }


def _combination(entry: Mapping[str, Any]) -> Row:
    return {
        "code": entry["id"],
        "first": entry["a"],
        "second": entry["b"],
        "unit": entry["scope"],
        "kind": entry["type"],
        "window_months": entry.get("window_months"),
        "key": entry.get("key"),
        "note": entry.get("note"),
        "confidence": entry["conf"],
    }


def parameter_row(entry: Mapping[str, Any], city: int) -> Row:
    """Return the row of a value: the city's, unless it names a county as its `region`."""
    return {
        "name": entry["name"],
        "region_code": entry.get("region", city),
        "valid_from": entry["valid_from"],
        "value": Decimal(str(entry["value"])),
        "unit": entry["unit"],
        "source": entry["source"],
        "confidence": entry["conf"],
    }


def _delivery(entry: Mapping[str, Any]) -> Row:
    return {
        "scheme_code": entry["scheme"],
        "valid_from": entry["valid_from"],
        "every": entry["every"],
        "due_days": entry["due_days"],
        "confidence": entry["conf"],
    }


def _reminders(entries: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    for position, entry in enumerate(entries, start=1):
        yield {
            "code": entry["code"],
            "position": position,
            "name": entry["zh"],
            "moment": entry["moment"],
            "value": Decimal(str(entry["value"])),
            "whom": entry["to"],
            "level": entry.get("level"),
            "source": entry["source"],
            "confidence": entry["conf"],
        }


def _circles(entries: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    for position, entry in enumerate(entries, start=1):
        yield {
            "code": entry["code"],
            "position": position,
            "name": entry["zh"],
            "relations": entry["relations"],
            "source": entry["source"],
            "confidence": entry["conf"],
        }


def _pause_reasons(entries: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    for position, entry in enumerate(entries, start=1):
        yield {
            "code": entry["code"],
            "position": position,
            "name": entry["zh"],
            "longest": entry["longest"],
            "source": entry["source"],
            "confidence": entry["conf"],
        }
