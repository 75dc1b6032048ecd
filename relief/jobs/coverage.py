"""Alarms while the calendar of working days does not reach far enough ahead."""

import logging
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from relief.accounts.types import Role
from relief.core.clock import local_date
from relief.core.workdays import Calendar
from relief.jobs.queries import holders_of
from relief.notifications.service import notify
from relief.organisation import queries as organisation

logger = logging.getLogger(__name__)

DAYS_AHEAD = 60
TOLD = (Role.SYSTEM_ADMIN, Role.LEADER)
TITLE = "工作日历即将用完"
BODY = (
    "已公布的节假日安排只到{last}，距今{days}天，不足{wanted}天；"
    "之后的办理期限只能暂按周末推算。请在国务院办公厅公布{year}年放假安排后尽快更新工作日历。"
)
UNKNOWN_YEAR = "工作日历中没有{year}年的节假日安排，办理期限只能暂按周末推算，请尽快更新工作日历。"


def check_calendar(session: Session, *, now: datetime) -> str:
    """Tell system administrators and leaders, once a day, that deadlines become uncertain."""
    today = local_date(now)
    calendar = organisation.calendar(session)
    days = calendar.covered_days_ahead(today)
    if days >= DAYS_AHEAD:
        return f"{days} days ahead"
    told = sum(
        notify(
            session,
            recipient_id=account,
            title=TITLE,
            body=_body(calendar, today, days),
            link=None,
            dedupe_key=f"calendar-coverage:{today.isoformat()}:{account}",
            now=now,
        )
        for account in holders_of(session, TOLD)
    )
    logger.warning("the calendar ends soon", extra={"days_ahead": days, "told": told})
    return f"only {days} days ahead, told {told}"


def _body(calendar: Calendar, today: date, days: int) -> str:
    if not calendar.is_announced(today):
        return UNKNOWN_YEAR.format(year=today.year)
    last = today + timedelta(days=days)
    return BODY.format(
        last=f"{last.year}年{last.month}月{last.day}日",
        days=days,
        wanted=DAYS_AHEAD,
        year=last.year + 1,
    )
