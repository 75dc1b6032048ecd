"""Text messages over HTTP: what became of each, and why."""

from typing import Any

from relief.api.text_messages.schemas import TextMessageArgs, TextMessagePageOut
from relief.core.db import unit_of_work
from relief.notifications.texting import records
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, requires

blp = Blueprint("text_messages", __name__, url_prefix="/v1/text-messages", description="短信")


@blp.get("")
@requires(Permission.SEE_TEXTS, scope="system")
@blp.arguments(TextMessageArgs, location="query")
@blp.response(200, TextMessagePageOut)
def list_text_messages(args: dict[str, Any]) -> Any:
    """List the text messages, newest first: how each stands, how often it was tried, and why not.

    For stewards of the whole city and system administrators.
    """
    with unit_of_work() as session:
        return records.text_messages(session, **args)
