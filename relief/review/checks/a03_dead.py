"""A03: the applicant is dead by the registry or a register; a dead member is not counted."""

from collections.abc import Iterator

from relief.core.findings import Grade
from relief.registers.entries import Death
from relief.registers.types import DeathSource, State
from relief.review.checks import outside
from relief.review.checks.facts import CaseFacts, Hit

_SOURCES = {
    DeathSource.POLICE: "公安户籍注销登记",
    DeathSource.HEALTH: "卫健死亡医学证明登记",
    DeathSource.FUNERAL: "殡葬火化登记",
}


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Look who died up to today."""
    for one in facts.family:
        if one.died_on is None or one.died_on > facts.on:
            continue
        evidence = {"member": one.name, "died_on": one.died_on.isoformat()}
        if one.id == facts.applicant.id:
            yield Hit(key=str(one.id), message=f"{one.name}已去世", evidence=evidence)
        else:
            yield Hit(
                key=str(one.id),
                message=f"{one.name}已去世，不计入共同生活的家庭成员",
                evidence=evidence,
                grade=Grade.NOTE,
            )
    yield from _registered(facts)


def _registered(facts: CaseFacts) -> Iterator[Hit]:
    """Look who is dead by a register (police, health, funeral) and not by the registry yet."""
    for one, entry in outside.of(facts, Death):
        if entry.state is State.ENDED or entry.died_on is None or entry.died_on > facts.on:
            continue
        theirs = one.id == facts.applicant.id
        yield Hit(
            key=f"{one.id}|{entry.source}",
            message=f"{one.name}在{_SOURCES[entry.source]}中已死亡",
            evidence=outside.told(one, entry, died_on=entry.died_on.isoformat()),
            grade=None if theirs else Grade.DOUBT,
        )
