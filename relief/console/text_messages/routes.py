"""发送记录: the text messages, what became of each, and why."""

from flask import Blueprint, render_template
from flask import request as asked

from relief.accounts.permissions import Permission
from relief.console import paging
from relief.core.db import unit_of_work
from relief.notifications.texting import records
from relief.notifications.types import DeliveryStatus
from relief.web.context import config, requires

text_messages = Blueprint("text_messages", __name__, url_prefix="/text-messages")


@text_messages.get("")
@requires(Permission.SEE_TEXTS, scope="system")
def index() -> str:
    """Show a page of the text messages, of all or of those that stand alike."""
    status = _status(asked.args.get("status", ""))
    with unit_of_work() as session:
        page = records.text_messages(
            session, status=status, limit=paging.PAGE_SIZE, cursor=paging.cursor()
        )
    return render_template(
        "console/text_messages/list.html",
        rows=page.items,
        status=status,
        statuses=list(DeliveryStatus),
        sender=config().sms_sender,
        **paging.links(page.next_cursor, status=status),
    )


def _status(text: str) -> DeliveryStatus | None:
    return DeliveryStatus(text) if text in list(DeliveryStatus) else None
