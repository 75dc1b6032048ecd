"""Issues papers: their words, number, verification code and digest, with the act they tell of."""

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.organisation import queries as organisation
from relief.review.changing.models import EntitlementChange
from relief.review.changing.types import ChangeKind
from relief.review.models import Case, CaseDecision
from relief.review.papers.models import CasePaper
from relief.review.papers.types import LETTERS, PaperKind, Words
from relief.review.stages import Way
from relief.review.types import Outcome
from relief.schemes import queries as schemes

# Without what people take for one another on paper or by telephone.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_CODE_LENGTH = 12
_CHANGES = {ChangeKind.REDUCE: "减发", ChangeKind.STOP: "停发"}
_UNHEARD = "听取意见：依法不需要听取意见"
# Of these there may be several in a case; the others are issued once.
_OFTEN = (PaperKind.HEARING, PaperKind.CHANGE, PaperKind.RISE)
_PER = {
    "person": "每人",
    "household": "每户",
    "case": "每件",
    "person_year": "每人每年",
    "term": "每学期",
}


@dataclass(frozen=True, slots=True)
class Offices:
    """Who issues papers, and how long they may be contested, for many cases at once."""

    counties: Mapping[int, str]
    departments: Mapping[str, str]
    reconsideration_days: int
    lawsuit_months: int

    def county(self, case: Case) -> str:
        """Return the name of the county, district or city of a case."""
        return self.counties.get(case.county_code, "")

    def remedies(self, case: Case) -> str:
        """Return how a decision is contested."""
        return (
            f"对本决定不服的，可以自收到本决定书之日起 {self.reconsideration_days} 日内"
            f"向{self.county(case)}人民政府申请行政复议，也可以自收到本决定书之日起"
            f" {self.lawsuit_months} 个月内依法向人民法院提起行政诉讼。"
        )


def offices_of(session: Session, cases: Iterable[Case], *, on: date) -> Offices:
    """Return what papers of these cases name, as it is on a day. Three queries."""
    known = schemes.parameters(session, on=on)
    return Offices(
        organisation.region_names(session, codes={case.county_code for case in cases}),
        organisation.department_names(session),
        reconsideration_days=int(known["reconsideration_days"].value),
        lawsuit_months=int(known["lawsuit_months"].value),
    )


def accepted(way: Way, *, department_code: str) -> None:
    """Issue the slip that an application was accepted (受理通知书)."""
    case = way.case
    facts = [
        *_whose(way),
        ("申请日期", _day(local_date(case.submitted_at))),
        ("受理日期", _day(way.today)),
    ]
    if case.due_on is not None:
        unsure = "（暂定，当年放假安排公布后可能调整）" if case.due_provisional else ""
        facts.append(("最迟办结", _day(case.due_on) + unsure))
    _issue(
        way,
        PaperKind.ACCEPTANCE,
        title="受理通知书",
        facts=facts,
        paragraphs=[
            f"您申请的{way.scheme.name}已经受理，将依照规定的程序和期限办理。",
            "请保管好本通知书。办理进度可以凭受理编号向受理单位查询。",
            "需要补充材料的，等待材料的时间不计入办理期限。",
        ],
        department_code=department_code,
    )


def returned(way: Way, *, department_code: str, missing: str) -> None:
    """Issue the whole list of what is missing (一次性告知书)."""
    _issue(
        way,
        PaperKind.MISSING,
        title="补正材料一次性告知书",
        facts=[*_whose(way), ("申请日期", _day(local_date(way.case.submitted_at)))],
        paragraphs=[
            "您的申请还缺少以下材料：",
            *(line.strip() for line in missing.splitlines() if line.strip()),
            "以上为需要补正的全部内容。补齐后请向受理单位重新提交，受理期限从重新提交之日起计算。",
        ],
        department_code=department_code,
    )


def decided(
    way: Way,
    decision: CaseDecision,
    *,
    department_code: str,
    period: Range[date] | None,
    offices: Offices,
) -> None:
    """Issue the decision: what, why, by what law, and how to contest it (决定书).

    `period`: from when what was granted runs, and up to but without which day. Source of the last:
    行政复议法第二十条, 行政诉讼法第四十六条, 社会救助法第七十六条; the days and months are
    parameters.
    """
    granted = decision.outcome is Outcome.GRANTED
    facts = [
        *_whose(way),
        ("申请日期", _day(local_date(way.case.submitted_at))),
        ("决定", "同意救助" if granted else "不予救助"),
        *_entitled(way, decision, period),
    ]
    _issue(
        way,
        PaperKind.DECISION,
        title="救助决定书",
        facts=facts,
        paragraphs=[
            f"理由：{decision.reason}",
            f"依据：{decision.legal}",
            offices.remedies(way.case),
        ],
        department_code=department_code,
        offices=offices,
    )


def hearing(way: Way, change: EntitlementChange, *, days: int) -> None:
    """Issue the notice of what is proposed and asks for the family's views (听取意见通知书).

    `days`: how many working days they have (社会救助法第四十八条).
    """
    what, left = _CHANGES[change.kind], _left(change)
    _issue(
        way,
        PaperKind.HEARING,
        title="听取意见通知书",
        facts=[*_whose(way), ("拟作决定", what), *left],
        paragraphs=[
            f"理由：{change.reason}",
            f"依据：{change.legal}",
            (
                f"作出决定之前，您可以自收到本通知书的次日起 {days} 个工作日内提出意见、说明情况、"
                "提供材料，可以当面、书面或者委托他人提出。"
            ),
            "逾期没有提出意见的，将在登记后依法作出决定；没有提出意见不表示同意。",
        ],
        department_code=way.scheme.department_code,
    )


def changed(way: Way, change: EntitlementChange) -> None:
    """Issue the decision that less, or nothing, is paid from a day on (减发、停发决定书)."""
    assert change.effective_on is not None  # noqa: S101  # it is carried
    offices = offices_of(way.session, [way.case], on=way.today)
    _issue(
        way,
        PaperKind.CHANGE,
        title=f"救助{_CHANGES[change.kind]}决定书",
        facts=[
            *_whose(way),
            ("决定", _CHANGES[change.kind]),
            *_left(change),
            ("起始日期", _day(change.effective_on)),
        ],
        paragraphs=[
            f"理由：{change.reason}；{change.decision}",
            f"依据：{change.legal}",
            _views(change),
            offices.remedies(way.case),
        ],
        department_code=way.scheme.department_code,
        offices=offices,
    )


def raised(
    way: Way,
    *,
    facts: Sequence[tuple[str, str]],
    paragraphs: Sequence[str],
    before: int,
    offices: Offices,
) -> None:
    """Issue the decision that more is paid by a new standard (待遇调整决定书).

    `before`: how many of this kind the case has; one of many cases is not asked for it by itself.
    """
    _issue(
        way,
        PaperKind.RISE,
        title="救助待遇调整决定书",
        facts=[*_whose(way), *facts],
        paragraphs=[*paragraphs, offices.remedies(way.case)],
        department_code=way.scheme.department_code,
        offices=offices,
        before=before,
    )


def _views(change: EntitlementChange) -> str:
    if change.heard_at is None:
        return _UNHEARD
    return f"听取意见：{change.views or '当事人逾期没有提出意见'}"


def _left(change: EntitlementChange) -> list[tuple[str, str]]:
    return [] if change.amount_fen is None else [("减发后的金额", _yuan(change.amount_fen))]


def _yuan(amount_fen: int) -> str:
    yuan, fen = divmod(amount_fen, 100)
    return f"{yuan:,}.{fen:02d} 元"


def _whose(way: Way) -> list[tuple[str, str]]:
    return [
        ("申请人", way.case.applicant_name),
        ("申请项目", way.scheme.name),
        ("受理编号", way.case.number),
    ]


def _entitled(
    way: Way, decision: CaseDecision, period: Range[date] | None
) -> Iterator[tuple[str, str]]:
    """Yield the amount and the days of what was granted."""
    if decision.amount_fen:
        per = _PER.get(way.scheme.amount_per or "", "")
        money = _yuan(decision.amount_fen)
        yield "金额", f"{money}（{per}）" if per else money
    if period is not None and period.lower is not None:
        yield "起始日期", _day(period.lower)
        if period.upper is not None:
            yield "终止日期", f"{_day(period.upper)}前"


def _issue(
    way: Way,
    kind: PaperKind,
    *,
    department_code: str,
    offices: Offices | None = None,
    before: int | None = None,
    **said: Any,
) -> None:
    """Keep a paper of this kind, and write it into the trail."""
    offices = offices or offices_of(way.session, [way.case], on=way.today)
    issuer = offices.county(way.case) + offices.departments[department_code]
    words = Words(issuer=issuer, issued_on=_day(way.today), **said)
    number = _number(way, kind, before)
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
    paper = CasePaper(
        id=new_id(way.now),
        case_id=way.case.id,
        kind=kind,
        number=number,
        code=code,
        words=words.as_json(),
        digest=digest_of(number, words),
        issuer=issuer,
        issued_by=way.actor_id,
        issued_at=way.now,
    )
    way.session.add(paper)
    audit.record(
        way.session,
        "paper:issued",
        subject_type="paper",
        subject_id=paper.id,
        actor_id=way.actor_id,
        now=way.now,
        details={"number": number, "kind": kind.value, "digest": paper.digest},
        region_code=way.case.region_code,
    )


def _number(way: Way, kind: PaperKind, before: int | None) -> str:
    first = f"{way.case.number}{LETTERS[kind]}"
    if kind not in _OFTEN:
        return first
    if before is None:
        before = way.session.scalar(
            select(func.count()).where(CasePaper.case_id == way.case.id, CasePaper.kind == kind)
        )
    return f"{first}{before + 1}" if before else first


def digest_of(number: str, words: Words) -> str:
    """Return the SHA-256 of a paper's number and words, in hexadecimal."""
    said = json.dumps([number, words.as_json()], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
