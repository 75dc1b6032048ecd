"""A13: the family owns a motor vehicle that is more than it needs.

民发〔2021〕57号第十四条. A scooter for the disabled and a machine for the farm are exempt; any
passenger car is looked at, other vehicles if they are worth more than `veh_cap`.
"""

from collections.abc import Iterator

from relief.registers.entries import Vehicle
from relief.registers.types import VehicleKind
from relief.review.checks import outside
from relief.review.checks.facts import CaseFacts, Hit

_EXEMPT = (VehicleKind.DISABILITY_SCOOTER, VehicleKind.FARM_MACHINE)
_NAMES = {
    VehicleKind.PASSENGER_CAR: "小型客车",
    VehicleKind.LORRY: "货车",
    VehicleKind.MOTORCYCLE: "摩托车",
    VehicleKind.OTHER: "机动车",
}


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Look where means are checked at what each member owns today."""
    if not outside.asks_means(facts):
        return
    for one, vehicle in outside.of(facts, Vehicle):
        if vehicle.kind in _EXEMPT or not _counts(facts, vehicle):
            continue
        name = _NAMES[vehicle.kind]
        worth = {} if vehicle.value_fen is None else {"amount": outside.yuan(vehicle.value_fen)}
        yield Hit(
            key=f"{one.id}|{vehicle.kind}|{vehicle.from_on or vehicle.row_number}",
            message=f"{one.name}名下登记有{name}",
            evidence=outside.told(
                one, vehicle, vehicle.from_on, kind=name, **worth,
                limit=facts.reference.told("veh_cap", "元"),
            ),
        )  # fmt: skip


def _counts(facts: CaseFacts, vehicle: Vehicle) -> bool:
    if not outside.holds(vehicle, vehicle.from_on, vehicle.to_on, facts.on):
        return False
    if vehicle.kind is VehicleKind.PASSENGER_CAR:
        return True
    return vehicle.value_fen is not None and vehicle.value_fen > facts.reference.fen("veh_cap")
