"""A21: the certificate of a disability on which the aid rests is not valid.

Its 20 digits are the holder's number, the kind (1–7) and the grade (1–4) of the disability.
"""

from collections.abc import Iterator

from relief.registers.entries import DisabilityCertificate
from relief.registers.types import State
from relief.review.checks import outside
from relief.review.checks.facts import CaseFacts, Hit

DISABILITY = "disability"
_KINDS, _GRADES = frozenset("1234567"), frozenset("1234")
_STATES = {State.SUSPENDED: "已冻结", State.ENDED: "已注销或过期"}


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Look at the applicant's certificates where the scheme asks for one; a good one is enough.

    That a register knows no certificate is no hit: it may be behind.
    """
    if facts.scheme.extra.get("certificate") != DISABILITY:
        return
    own = [
        (one, entry)
        for one, entry in outside.of(facts, DisabilityCertificate)
        if one.id == facts.applicant.id
    ]
    faults = [(one, entry, fault(facts, entry)) for one, entry in own]
    if any(wrong is None for _, _, wrong in faults):
        return
    for one, entry, wrong in faults:
        yield Hit(
            key=f"{one.id}|{entry.kind}|{entry.grade}|{entry.from_on}",
            message=f"{one.name}的残疾人证{wrong}",
            evidence=outside.told(one, entry, entry.from_on),
        )


def fault(facts: CaseFacts, entry: DisabilityCertificate) -> str | None:
    """Return what is wrong with a certificate; None: nothing is."""
    if not entry.number_agrees:
        return "号与身份证号不一致"
    if entry.kind not in _KINDS:
        return "的残疾类别代码不存在"
    if entry.grade not in _GRADES:
        return "的残疾等级代码不存在"
    if entry.state is not State.VALID:
        return _STATES[entry.state]
    if entry.to_on is not None and entry.to_on < facts.on:
        return f"于 {entry.to_on.isoformat()} 到期"
    return None
