"""Recognising what a family is confirmed as when it applies (社会救助法第四十二条)."""

from collections.abc import Mapping, Sequence

from relief.core.ids import new_id
from relief.core.registrar import registrar
from relief.review import stages
from relief.review.recognition import bases, household
from relief.review.recognition.identities import Identity
from relief.review.recognition.models import CaseRecognition
from relief.review.recognition.words import sentence
from relief.review.stages import Way
from relief.review.types import Step
from relief.schemes import recognition
from relief.schemes.recognition import RecognitionRule


def accept(way: Way) -> Sequence[Identity]:
    """Keep each identity of the applicant that stands and that the scheme accepts.

    What is spared is told in the timeline, and the whole is due by the limit of the shorter way.
    Return what the family is confirmed as, recognised or not.
    """
    rules = recognition.accepted_by(way.session, scheme_code=way.scheme.code, on=way.today)
    with registrar(way.session):
        found = household.identities_of(
            way.session, way.case.person_id, scheme_unit=way.scheme.unit, now=way.now
        )
    keep(way, found, rules)
    bases.accept(way)
    stages.write(way)
    return found


def keep(
    way: Way, found: Sequence[Identity], rules: Mapping[str, RecognitionRule]
) -> Sequence[CaseRecognition]:
    """Keep for a case what of an applicant's identities stands and a scheme accepts; return it.

    `rules`: of the scheme, by identity. No statement.
    """
    taken = [(one, rules[one.category]) for one in found if one.stands and one.category in rules]
    kept = []
    for one, rule in taken:
        kept.append(
            CaseRecognition(
                id=new_id(way.now),
                case_id=way.case.id,
                category=one.category,
                holder=one.holder,
                since_on=one.since_on,
                checked_on=one.checked_on,
                source=one.source,
                told_by=one.told_by,
                spares=rule.spares,
                stages=rule.stages,
                checks=rule.checks,
                legal=rule.source,
                accepted_by=way.actor_id,
                accepted_at=way.now,
            )
        )
        told = f"{sentence(one)}；因互认免于{rule.spares}（{rule.source}）"
        stages.note(way, Step.RECOGNISED, None, told)
    limits = [rule.total_limit for _, rule in taken if rule.total_limit is not None]
    way.case.shorter_limit = min(limits, default=None)
    way.session.add_all(kept)
    return kept


def lapse(way: Way) -> None:
    """Give the whole its usual limit back once what a case rests on no longer stands."""
    if way.case.shorter_limit is not None:
        way.case.shorter_limit = None
        if way.known is None:
            stages.count(way)
