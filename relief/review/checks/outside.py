"""What the outside registers say of a family, as the checks ask for it. Pure.

Which checks look at income and property is the scheme's to say (`consent`): nobody's car matters
to a scheme that does not ask for means.
"""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeVar

from relief.core.ages import months_after
from relief.core.findings import Evidence
from relief.registers.entries import Balance, CadrePost, FiscalPost, RegisterEntry
from relief.registers.types import Register, State

if TYPE_CHECKING:
    from relief.review.checks.facts import CaseFacts, Member, Reference

Entry = TypeVar("Entry", bound=RegisterEntry)
FAMILY = "family"
_FEN = 100
# Whose the account is into which is paid: as the payee itself, the payer's to see.
_HOLDER, _PAYERS_ALONE = "holder", "仅发放部门可见"

NAMES: Mapping[Register, str] = {
    Register.FISCAL_STAFF: "财政供养人员登记",
    Register.CADRES: "村（居）干部登记",
    Register.VEHICLES: "机动车登记",
    Register.REAL_ESTATE: "不动产登记",
    Register.BUSINESSES: "市场主体登记",
    Register.PROVIDENT_FUND: "住房公积金缴存登记",
    Register.SOCIAL_INSURANCE: "社会保险缴费登记",
    Register.PENSIONS: "养老金发放登记",
    Register.BALANCES: "银行、证券、支付账户登记",
    Register.DEATHS: "死亡登记",
    Register.HOUSEHOLD_REGISTER: "户籍登记",
    Register.MARRIAGES: "婚姻登记",
    Register.DISABILITY_CERTIFICATES: "残疾人证登记",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Someone outside the family whom a register relates to one of it.

    `relation`: of the member to them, GB/T 4761. `close`: within the circle of close relatives.
    `account_id`: the member of staff that they are, who handles such cases there; `filed`: who
    filed the member as kin. `posts`: what they are in villages and communities.
    """

    member_id: uuid.UUID
    name: str
    relation: str
    close: bool
    register: Register
    since: date | None
    data_on: date
    born_on: date | None = None
    account_id: uuid.UUID | None = None
    filed: bool = False
    posts: Sequence[CadrePost] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What the registers say of one case.

    `holders`: of the account into which the applicant's aid goes; `guardian`: whose it is, if it
    was entered as that of a guardian; `institution`: it was entered as one's. `numbers`: member →
    their stored number. `declared`: names that the applicant or staff declared as kin in the case.
    """

    entries: Mapping[uuid.UUID, Sequence[RegisterEntry]] = field(default_factory=dict)
    holders: Sequence[Balance] = ()
    guardian: str | None = None
    institution: bool = False
    related: Sequence[Related] = ()
    numbers: Mapping[uuid.UUID, uuid.UUID] = field(default_factory=dict)
    declared: Collection[str] = ()


NOTHING = Outside()


def of(facts: "CaseFacts", kind: type[Entry]) -> "Iterator[tuple[Member, Entry]]":
    """Yield everyone who counts, with each of their entries of one register."""
    for member in facts.counted:
        for entry in facts.outside.entries.get(member.id, ()):
            if isinstance(entry, kind):
                yield member, entry


def asks_means(facts: "CaseFacts") -> bool:
    """Tell whether the scheme checks income and property of the family (社会救助法第四十条)."""
    return facts.scheme.extra.get("consent") == FAMILY


def held(
    from_on: date | None, to_on: date | None, state: State, *, first: date, last: date
) -> bool:
    """Tell whether something held on a day from `first` to `last`, each inclusive.

    What has ended and does not say when has ended before.
    """
    if from_on is not None and from_on > last:
        return False
    return to_on >= first if to_on is not None else state is not State.ENDED


def holds(entry: "RegisterEntry", from_on: date | None, to_on: date | None, on: date) -> bool:
    """Tell whether what an entry speaks of holds on a day."""
    return entry.state is not State.ENDED and held(from_on, to_on, entry.state, first=on, last=on)


def paid_lately(reference: "Reference", until: date | None, on: date) -> bool:
    """Tell whether contributions that were paid until a month go on, or ended of late.

    `until`: its first day; None: they go on. Of late: within `contribution_months` before `on`.
    """
    months = reference.number("contribution_months")
    return until is None or months_after(until, months) >= on.replace(day=1)


def in_post(post: FiscalPost | CadrePost, facts: "CaseFacts") -> bool:
    """Tell whether someone was in a post at any time in the month of the application."""
    first = facts.applied_on.replace(day=1)
    last = months_after(first, 1) - timedelta(days=1)
    return held(post.from_on, post.to_on, post.state, first=first, last=last)


def told(
    member: "Member", entry: RegisterEntry, since: date | None = None, **more: str | int
) -> Evidence:
    """Return the evidence of an entry: whose, which, of what file, from which day on."""
    return {
        "member": member.name,
        "register": NAMES[entry.register],
        "entry": f"{entry.data_on.isoformat()} 的数据第 {entry.row_number} 行",
        **({"since": since.isoformat()} if since else {}),
        **more,
    }


def without_payee(evidence: Evidence) -> Evidence:
    """Return evidence as a department reads it that does not see to whom is paid.

    >>> without_payee({"member": "张三", "holder": "赵六"})
    {'member': '张三', 'holder': '仅发放部门可见'}
    """
    return {**evidence, _HOLDER: _PAYERS_ALONE} if _HOLDER in evidence else evidence


def yuan(fen: int) -> str:
    """Return a sum in words: 12345.6 yuan as `12345.60 元`."""
    return f"{fen // _FEN}.{fen % _FEN:02} 元"
