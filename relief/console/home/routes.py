"""The first page: messages, running tasks, and what the account may do."""

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from relief.accounts import queries as account_queries
from relief.accounts.permissions import Permission
from relief.console import navigation
from relief.core.clock import CHINA
from relief.core.db import unit_of_work
from relief.notifications import queries as notification_queries
from relief.notifications import service as notifications
from relief.organisation import queries as organisation
from relief.tasks import queries as task_queries
from relief.web.context import current_actor, now, requires

if TYPE_CHECKING:
    from relief.tasks.models import Task

home = Blueprint("home", __name__)

_MESSAGES, _TASKS = 10, 5
_WEEKDAYS = "一二三四五六日"
_GREETINGS = ((6, "夜深了"), (12, "上午好"), (18, "下午好"), (24, "晚上好"))


@home.get("/")
@requires(Permission.SIGNED_IN, scope="own")
def show() -> str:
    """Show the first page."""
    actor, local = current_actor(), now().astimezone(CHINA)
    with unit_of_work() as session:
        account = account_queries.account_detail(session, account_id=actor.id)
        names = organisation.area_names(session, codes=account.regions)
        messages = notification_queries.inbox(session, account_id=actor.id, limit=_MESSAGES)
        unread = notification_queries.unread_count(session, account_id=actor.id)
        tasks = task_queries.recent_tasks(session, account_id=actor.id, limit=_TASKS)
    return render_template(
        "console/home/show.html",
        greeting=next(words for hour, words in _GREETINGS if local.hour < hour),
        today=f"{local.year}年{local.month}月{local.day}日 星期{_WEEKDAYS[local.weekday()]}",
        doors=navigation.doors(actor),
        roles=account.roles,
        regions=[names.get(code, code) for code in account.regions],
        messages=messages,
        unread=unread,
        tasks=tasks,
        running=_running(tasks),
    )


@home.get("/tasks/mine")
@requires(Permission.SIGNED_IN, scope="own")
def progress() -> str:
    """Return the list of the caller's tasks, to renew it in place."""
    with unit_of_work() as session:
        tasks = task_queries.recent_tasks(session, account_id=current_actor().id, limit=_TASKS)
    return render_template("console/home/_tasks.html", tasks=tasks, running=_running(tasks))


@home.post("/messages/<uuid:message_id>/read")
@requires(Permission.SIGNED_IN, scope="own")
def read(message_id: uuid.UUID) -> Response:
    """Mark one message as read."""
    with unit_of_work() as session:
        notifications.mark_read(
            session, message_id=message_id, account_id=current_actor().id, now=now()
        )
    return redirect(url_for(".show"), code=303)


def _running(tasks: "Sequence[Task]") -> bool:
    return any(task.finished_at is None for task in tasks)
