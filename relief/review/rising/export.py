"""The list of differences as a file, without names: who may see a case finds it by its number."""

import csv
import io
import uuid
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.core.cells import safe_row
from relief.review.lists.types import EntryStatus
from relief.review.rising import queries, service
from relief.review.rising.queries import RiseEntryRow
from relief.review.rising.types import REASONS, STATUSES, RiseReason

FILE = "提标差异清单.csv"
_AT_ONCE = 1000
_BOM = "\ufeff"  # without it a spreadsheet takes the Chinese for something else
_HEAD = (
    "序号", "受理编号", "区划代码", "原金额（元）", "新金额（元）", "差额（元）",
    "起始日期", "补发月数", "补发金额（元）", "状态", "原因", "说明",
)  # fmt: skip


def take(
    session: Session,
    *,
    actor: Actor,
    rise_id: uuid.UUID,
    status: EntryStatus | None,
    reason: RiseReason | None,
    now: datetime,
) -> bytes:
    """Return the list, or a part of it, as CSV (UTF-8), and write into the trail who took it.

    A query for each thousand. Raises RiseNotFound.
    """
    rise = service.seen(session, actor=actor, rise_id=rise_id)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEAD)
    lines = 0
    for lines, one in enumerate(_all(session, actor, rise_id, status, reason), start=1):  # noqa: B007
        writer.writerow(safe_row(_line(one)))
    service.note(session, rise, "exported", {"lines": lines}, actor_id=actor.id, now=now)
    return (_BOM + out.getvalue()).encode()


def _line(one: RiseEntryRow) -> tuple[object, ...]:
    return (
        one.position,
        one.number,
        one.region_code,
        _yuan(one.old_fen),
        _yuan(one.new_fen),
        _yuan(one.more_fen),
        one.starts_on.isoformat(),
        one.back_months,
        _yuan(one.back_fen),
        STATUSES[one.status],
        REASONS[one.reason] if one.reason else "",
        one.note or "",
    )


def _all(
    session: Session,
    actor: Actor,
    rise_id: uuid.UUID,
    status: EntryStatus | None,
    reason: RiseReason | None,
) -> Iterator[RiseEntryRow]:
    cursor: str | None = None
    while True:
        page = queries.entries(
            session,
            actor=actor,
            rise_id=rise_id,
            status=status,
            reason=reason,
            limit=_AT_ONCE,
            cursor=cursor,
        )
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _yuan(fen: int | None) -> Decimal | str:
    """Return a sum as a number, which no guard turns into text where it is negative."""
    return "" if fen is None else Decimal(fen).scaleb(-2)
