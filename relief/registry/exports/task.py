"""Makes the file of an export, as a task of the queue.

Rows are read by a cursor of the server and written one after another. The worker passes row
security, so the rows are chosen by the asker's scope alone: what it was when they asked and still
is. The file, the list of its households and the end of the task are one transaction: a worker
that is killed leaves nothing, and the next one makes the one file.
"""

import csv
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, select, text, update
from sqlalchemy.orm import Bundle, Session

from relief.accounts import queries as accounts
from relief.accounts.identity import scope_of
from relief.accounts.models import Account
from relief.accounts.permissions import Permission, permissions_of
from relief.attachments import service as attachments
from relief.audit import service as audit
from relief.core.clock import CHINA
from relief.core.db import driver
from relief.core.export_rules import ExportRules
from relief.core.scope import RegionRange, Scope, meet
from relief.organisation import queries as organisation
from relief.registry import purposes
from relief.registry.exports import criteria, writing
from relief.registry.intake import folders
from relief.registry.models import Export, Household
from relief.registry.queries.households import COLUMNS, REGION_NAME, narrowed, rows_of
from relief.registry.queries.rows import HouseholdRow
from relief.registry.queries.searching import HouseholdFilter
from relief.tasks.errors import TaskRefused
from relief.tasks.worker import TaskContext

AT_ONCE = 2_000  # rows in memory
LARGEST_FILE = 1 << 30
PURPOSE = "export"

NOT_ALLOWED = "您已没有导出权限，未生成文件"
TOO_MANY = "符合条件的有 {count:,} 户，超过您一次可导出的 {most:,} 户，请缩小范围后重新导出"
WITHDRAWN = "导出请求已过期，请重新导出"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What is to be made, within which scope."""

    export: Export
    filters: HouseholdFilter
    scope: Scope
    most: int
    watermark: str
    author: str


def run(context: TaskContext, *, categories: Mapping[str, str]) -> dict[str, Any]:
    """Handle a task of the kind `export`: argument `export_id`. `categories`: code → words."""
    export_id = uuid.UUID(context.arguments["export_id"])
    with folders.private(context.config.storage_dir) as folder:
        with context.unit_of_work() as session:
            # Rows, schemes and phones as of one moment, whatever is merged meanwhile.
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            order = _order(session, context, export_id)
            rows = _write(session, context, order, folder, categories)
        with context.unit_of_work() as session:
            return _keep(session, context, order, folder, rows)


def _order(session: Session, context: TaskContext, export_id: uuid.UUID) -> _Order:
    """Read what was asked for, and look again at what the asker may. Raises TaskRefused."""
    export = session.get_one(Export, export_id)
    if export.criteria is None:
        raise TaskRefused(WITHDRAWN)
    account = session.get_one(Account, export.account_id)
    roles = accounts.account_detail(session, account_id=account.id).roles
    if account.disabled_at or Permission.EXPORT_HOUSEHOLDS not in permissions_of(roles):
        raise TaskRefused(NOT_ALLOWED)
    asked = Scope(tuple(RegionRange(lo, hi) for lo, hi in export.ranges), export.department_code)
    rules: ExportRules = context.config.exports
    return _Order(
        export=export,
        filters=criteria.unseal(context.cipher, export_id, export.criteria),
        scope=meet(asked, scope_of(session, account)),
        most=min(export.most, rules.most(roles)),
        watermark=_watermark(session, export, account, context.clock()),
        author=account.display_name,
    )


def _watermark(session: Session, export: Export, account: Account, now: datetime) -> str:
    departments = organisation.department_names(session)
    why = purposes.choices(session).get(export.purpose, export.purpose)
    office = departments.get(account.department_code or "", "")
    return "；".join(
        (
            f"导出人：{account.display_name}（{account.username}{'，' if office else ''}{office}）",
            f"时间：{now.astimezone(CHINA):%Y-%m-%d %H:%M}",
            f"用途：{why}{f'（{export.remark}）' if export.remark else ''}",
            f"导出编号：{export.id}",
            "含个人信息，仅限上述用途，不得转发",
        )
    )


def _write(
    session: Session,
    context: TaskContext,
    order: _Order,
    folder: Path,
    categories: Mapping[str, str],
) -> int:
    """Write the file and the list of its households into the folder; return how many there are."""
    query = narrowed(session, context.cipher, order.scope, order.filters)
    count = session.scalar(
        select(func.count()).select_from(query.with_only_columns(Household.id).subquery())
    )
    total = count or 0
    if total > order.most:
        raise TaskRefused(TOO_MANY.format(count=total, most=order.most))
    done = 0
    with (
        writing.table(
            folder / "list",
            order.export.form,
            watermark=order.watermark,
            author=order.author,
            now=context.clock(),
        ) as table,
        (folder / "households").open("w", newline="", encoding="ascii") as file,
    ):
        names = csv.writer(file)
        for part in _read(session, context, order, query):
            for row in part.values():
                table.write(_cells(row, categories))
                names.writerow((order.export.id, row.id, row.householder_id or "", row.region_code))
            done += len(part)
            context.progress(done, total, f"已写出 {done:,} 户")
    return done


def _read(
    session: Session, context: TaskContext, order: _Order, query: "Select[Household, str]"
) -> Iterator[Mapping[uuid.UUID, HouseholdRow]]:
    """Yield the list's lines, some thousands at a time, as the list shows them."""
    listed: Select[*tuple[Any, ...]] = (
        query.with_only_columns(
            Bundle("household", *COLUMNS), REGION_NAME, maintain_column_froms=True
        )
        .order_by(Household.region_code, Household.id)
        .execution_options(yield_per=AT_ONCE)
    )
    for part in session.execute(listed).partitions():
        yield rows_of(session, context.cipher, order.scope, part)


def _cells(row: HouseholdRow, categories: Mapping[str, str]) -> writing.Row:
    return (
        row.number,
        row.householder_name,
        row.member_count,
        row.region_name,
        row.address or "",
        row.phone or "",
        categories.get(row.category, row.category),
        "、".join(scheme.name for scheme in row.schemes),
    )


def _keep(
    session: Session, context: TaskContext, order: _Order, folder: Path, rows: int
) -> dict[str, Any]:
    """Store the file, note which households stand in it, and end the task, all in one."""
    now, export = context.clock(), order.export
    context.fence(session)
    with (folder / "list").open("rb") as file:
        stored = attachments.store(
            session,
            file,
            name=f"困难户名单_{now.astimezone(CHINA):%Y%m%d_%H%M}.{export.form.value}",
            media_type=writing.MEDIA_TYPES[export.form],
            purpose=PURPOSE,
            actor_id=export.account_id,
            cipher=context.cipher,
            storage=context.config.storage_dir,
            now=now,
            limit=LARGEST_FILE,
        )
    session.execute(
        update(Export)
        .where(Export.id == export.id)
        .values(
            file_id=stored.id,
            row_count=rows,
            made_at=now,
            expires_at=now + context.config.exports.keep,
        )
    )
    statement = "COPY export_household (export_id, household_id, person_id, region_code)"
    with (
        driver(session).cursor() as cursor,
        cursor.copy(f"{statement} FROM STDIN (FORMAT csv)".encode()) as copy,
        (folder / "households").open("rb") as file,
    ):
        while block := file.read(1 << 20):
            copy.write(block)
    audit.record(
        session,
        "export:made",
        subject_type="export",
        subject_id=export.id,
        actor_id=None,
        now=now,
        details={"rows": rows, "sha256": stored.sha256.hex()},
    )
    result = {"export": str(export.id), "rows": rows}
    context.complete(session, result)
    return result
