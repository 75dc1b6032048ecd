"""Benefits outside the catalogue that rules X01–X33 name, where a register or a fact tells them.

X28, the funeral grant of the insurance, is in the register of pensions, under the number of who
died. X27, the heating allowance of employers, is there for who is retired and gets it with the
pension; what an employer pays to who still works it pays with the wage: no office keeps a list of
that, and the payroll of the state tells one sum. So of those X27 says nothing, and whoever handles
the case asks. The two modes of S21 in X24 are one scheme: A05 finds a second.
"""

from collections.abc import Callable, Iterator, Mapping

from relief.core.ages import months_after
from relief.core.findings import Evidence
from relief.registers.entries import Business, Insurance, Pension
from relief.registers.types import InsuranceKind, PensionKind, State
from relief.review.checks import outside
from relief.review.checks.facts import CaseFacts, Member

Had = tuple[Member, Evidence]
Benefit = tuple[str, Callable[[CaseFacts], Iterator[Had]]]


def _business(facts: CaseFacts) -> Iterator[Had]:
    for one, entry in outside.of(facts, Business):
        if outside.holds(entry, entry.from_on, entry.to_on, facts.on):
            yield one, outside.told(one, entry, entry.from_on)


def _insured(kind: InsuranceKind) -> Callable[[CaseFacts], Iterator[Had]]:
    def insured(facts: CaseFacts) -> Iterator[Had]:
        for one, entry in outside.of(facts, Insurance):
            goes_on = entry.state is State.VALID and outside.paid_lately(
                facts.reference, entry.paid_to, facts.on
            )
            if entry.kind is kind and goes_on:
                yield one, outside.told(one, entry, entry.paid_from)

    return insured


def _heating(facts: CaseFacts) -> Iterator[Had]:
    for one, entry in outside.of(facts, Pension):
        goes_on = outside.holds(entry, entry.from_on, entry.to_on, facts.on)
        if entry.kind is PensionKind.HEATING and entry.state is State.VALID and goes_on:
            yield one, outside.told(one, entry, entry.from_on)


def _funeral(facts: CaseFacts) -> Iterator[Had]:
    """Yield the applicant for each of the family for whose funeral the insurance paid of late.

    The dead count in nothing else, so they are asked about here.
    """
    months = facts.reference.number("one_off_window_months")
    for dead in facts.family:
        for entry in facts.outside.entries.get(dead.id, ()):
            if not isinstance(entry, Pension) or entry.kind is not PensionKind.FUNERAL:
                continue
            paid_on, taken_back = entry.from_on, entry.state is State.ENDED
            if paid_on and not taken_back and paid_on <= facts.on < months_after(paid_on, months):
                yield facts.applicant, outside.told(dead, entry, paid_on)


def _injury_care(facts: CaseFacts) -> Iterator[Had]:
    if facts.found.get("work_injury_care_paid") == 1:
        yield facts.applicant, {"member": facts.applicant.name, "fact": "已查明领取工伤生活护理费"}


BENEFITS: Mapping[str, Benefit] = {
    "EXT_工伤生活护理费": ("工伤生活护理费", _injury_care),
    "EXT_工商登记_active": ("存续的市场主体登记", _business),
    "EXT_单位采暖补贴": ("单位采暖补贴（随养老金发放）", _heating),
    "EXT_社保丧葬补助金": ("社会保险丧葬补助金", _funeral),
    "EXT_职工养老保险": ("职工基本养老保险", _insured(InsuranceKind.PENSION)),
    "EXT_职工医保": ("职工基本医疗保险", _insured(InsuranceKind.MEDICAL)),
}
