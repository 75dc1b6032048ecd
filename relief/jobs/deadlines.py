"""Tells who is to act that limits of cases run out or have passed, on the minute (催办)."""

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from relief.accounts.types import Role
from relief.audit import service as audit
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.jobs.queries import holders_of
from relief.notifications.service import Notice, notify_all
from relief.review import telling
from relief.review.telling import Report

logger = logging.getLogger(__name__)

MINE, LATE = "/cases/my-turn", "/cases?late=1"
BODY = "{cases} 件申请事项：{numbers}{more}。逾期不办不视为同意。"
UNTOLD = "催办没有送达"
UNREACHED = (
    "{cases} 条催办找不到承办人或领导。"
    "请检查有关区划、部门的账号和岗位（relief schemes check --staff）。"
)
FAILED = "{cases} 条催办没有发出，将每分钟重试，其余催办不受影响。请查看任务进程日志。"


def watch_deadlines(session: Session, *, now: datetime) -> str:
    """Tell everyone of what is due by now, each once; the rest of what is wrong, administrators."""
    report = telling.mark_due(session, now=now)
    if not (report.reminders or report.left):
        return "nothing due"
    names = telling.words(session)
    notices = [
        Notice(
            recipient_id=who.account_id,
            title=names[who.rule],
            body=BODY.format(
                cases=due.cases,
                numbers="、".join(due.numbers),
                more="等" if due.cases > len(due.numbers) else "",
            ),
            link=MINE if who.own else LATE,
            dedupe_key=f"deadline:{who.rule}:{who.own}:{now.isoformat()}:{who.account_id}",
        )
        for who, due in sorted(report.told.items())
    ]
    sent = notify_all(session, [*notices, *_alarms(session, report, now)], now=now)
    if report.reminders:
        audit.record(
            session,
            "deadlines:told",
            subject_type="deadlines",
            subject_id=new_id(now),
            actor_id=None,
            now=now,
            details={"reminders": report.reminders, "notices": sent, "nobody": report.unreached},
        )
    return (
        f"{report.reminders} due, {sent} notices, "
        f"{report.unreached} reached nobody, {report.left} failed"
    )


def _alarms(session: Session, report: Report, now: datetime) -> list[Notice]:
    """Return what the administrators are told, once a day: it is theirs to mend."""
    faults = [
        (kind, body.format(cases=count))
        for kind, body, count in (
            ("unreached", UNREACHED, report.unreached),
            ("failed", FAILED, report.left),
        )
        if count
    ]
    if not faults:
        return []
    logger.error(
        "limits were not told of", extra={"unreached": report.unreached, "left": report.left}
    )
    return [
        Notice(
            recipient_id=account,
            title=UNTOLD,
            body=body,
            link=None,
            dedupe_key=f"deadlines-{kind}:{local_date(now).isoformat()}:{account}",
        )
        for account in holders_of(session, (Role.SYSTEM_ADMIN,))
        for kind, body in faults
    ]
