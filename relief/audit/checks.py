"""Checks the trail with an installation's key and anchors, and says in words what was found."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relief.audit import anchoring, verifying
from relief.audit import service as audit
from relief.audit.models import AuditEvent
from relief.audit.seal_keys import SealKeys
from relief.audit.verifying import Fault, Finding, Report
from relief.core.config import SealSettings
from relief.integrations.anchors import AnchorBroken, FileAnchor

CHECKED = "audit_trail:checked"

_WORDS = {
    Fault.EDITED: "事件内容被修改",
    Fault.DELETED: "事件被删除",
    Fault.REORDERED: "事件顺序被调换",
    Fault.SEAL_DELETED: "封存记录被删除",
    Fault.SEAL_FORGED: "封存记录被改动或伪造，签名不符",
    Fault.OTHER_KEY: "封存记录使用了另一把密钥，或当前密钥不对",
    Fault.TAIL_CUT: "末尾的封存记录被整段删除，而外部存证仍在",
    Fault.REPLACED: "封存记录被重做，与外部存证不符",
    Fault.INSERTED: "事件是事后插入的",
    Fault.UNSEALED: "事件已超过十分钟仍未封存",
    Fault.ANCHOR_BROKEN: "外部存证文件被改动",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check that is remembered came to."""

    whole: bool
    events: int
    fault: str | None
    words: str


def keys_of(settings: SealSettings) -> SealKeys:
    """Return the keys that seals are made and checked with."""
    return SealKeys.of(settings.key)


def anchor_of(settings: SealSettings) -> FileAnchor:
    """Return the installation's anchor."""
    return FileAnchor(settings.anchor_dir, settings.key)


def check(session: Session, *, settings: SealSettings, now: datetime) -> Report:
    """Verify the whole trail against its seals and the anchors. Writes nothing."""
    anchor = anchor_of(settings)
    try:
        report = verifying.verify(session, keys=keys_of(settings), anchor=anchor, now=now)
        if report.finding or report.anchors >= (told := anchoring.newest_number(session)):
            return report
        return report.with_finding(Finding(fault=Fault.ANCHOR_BROKEN, anchor=f"{told}"))
    except AnchorBroken as broken:
        finding = Finding(fault=Fault.ANCHOR_BROKEN, anchor=str(broken))
    report = verifying.verify(session, keys=keys_of(settings), anchor=None, now=now)
    return report if report.finding else report.with_finding(finding)


def faults_of_copy(session: Session, *, settings: SealSettings) -> list[str]:
    """Verify the seals of a restored trail, and say in Chinese what is wrong.

    Without the anchors, which have gone on since; and as of its newest event, after which nothing
    in it could be sealed.
    """
    newest = session.scalar(select(func.max(AuditEvent.occurred_at)))
    if newest is None:
        return []
    report = verifying.verify(session, keys=keys_of(settings), anchor=None, now=newest)
    return [] if report.whole else [words(report)]


def verify_and_record(session: Session, *, settings: SealSettings, now: datetime) -> Outcome:
    """Verify, and write the outcome into the trail."""
    report = check(session, settings=settings, now=now)
    audit.record(
        session,
        CHECKED,
        subject_type="audit_trail",
        subject_id=audit.NOBODY,
        actor_id=None,
        now=now,
        details=report.as_json(),
    )
    fault = report.finding.fault.value if report.finding else None
    return Outcome(report.whole, report.events, fault, words(report))


def words(report: Report) -> str:
    """Return the outcome in Chinese: whole, or which row is the first bad one and why."""
    if report.finding is None:
        return f"完好：{report.seals} 个封存、{report.events} 条事件、{report.anchors} 个外部存证"
    return told(report.finding)


def told(finding: Finding) -> str:
    """Return a finding in Chinese: what was done, and to which row."""
    places = [
        None if finding.seq is None else f"封存 {finding.seq}",
        None if finding.position is None else f"第 {finding.position + 1} 条",
        None if finding.event_id is None else f"事件 {finding.event_id}",
        finding.anchor and f"存证 {finding.anchor}",
    ]
    return f"{_WORDS[finding.fault]}（{'，'.join(filter(None, places))}）"
