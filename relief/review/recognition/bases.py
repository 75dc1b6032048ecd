"""Keeping by which entry of a register a case came in, so that it is told, and told once."""

from collections.abc import Sequence
from dataclasses import replace

from relief.core.registrar import registrar
from relief.review import stages
from relief.review.recognition import household, registered
from relief.review.recognition.models import CaseBasis
from relief.review.recognition.registered import Among, Basis
from relief.review.stages import Way
from relief.review.types import Step
from relief.schemes import rosters
from relief.schemes.recognition import HOUSEHOLD
from relief.schemes.rosters import RosterRegister
from relief.schemes.types import Entry


def accept(way: Way) -> None:
    """Keep what a register says of the applicant, or of their household, if the scheme draws of it.

    So an application that is entered by itself is about the same event as one of a roster. No
    statement for a scheme that is not entered by roster.
    """
    if way.scheme.entry is not Entry.ROSTER:
        return
    session, applicant = way.session, way.case.person_id
    rules = rosters.of_scheme(session, scheme_code=way.scheme.code, on=way.today)
    if not rules:
        return
    with registrar(session):
        family = household.families_of(session, [applicant])[applicant]
    whole = way.scheme.unit == HOUSEHOLD
    among = Among(holders=family if whole else {applicant}, besides=way.case.id)
    found = registered.named(session, way.scheme, rules, among, on=way.today, told_on=None)
    basis = next(iter(found.values()), None)
    keep(way, basis)
    if basis is None:
        _warn(way, [rule for rule in rules if rule.per_event], among)


def _warn(way: Way, rules: Sequence[RosterRegister], among: Among) -> None:
    """Tell whoever decides that they were helped with all events that a register names them for.

    Or ask for it in another case. They may have come for what the register does not know yet.
    """
    every = replace(among, helped=True)
    found = registered.named(way.session, way.scheme, rules, every, on=way.today, told_on=None)
    for one in found.values():
        text = f"登记的灾害事件均已申请或者救助，请核实是否重复：{one.told}（{one.legal}）"
        stages.note(way, Step.CHECKED, None, text)


def keep(way: Way, basis: Basis | None) -> None:
    """Keep for a case what a register says, if it does, and tell it. No statement."""
    if basis is None:
        return
    way.session.add(
        CaseBasis(
            case_id=way.case.id,
            register=basis.register.value,
            batch_id=basis.batch_id,
            row_number=basis.row_number,
            event_id=basis.event_id,
            since_on=basis.since_on,
            data_on=basis.data_on,
            told=basis.told,
            legal=basis.legal,
            kept_at=way.now,
        )
    )
    stages.note(way, Step.LISTED, None, f"{basis.told}（{basis.legal}）")
