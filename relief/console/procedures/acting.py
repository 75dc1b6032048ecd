"""What the pages of a draft have in common: an act is done once, or its page says why not."""

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from relief.console import forms
from relief.console.forms import field
from relief.core.db import unit_of_work
from relief.core.errors import Conflict, DomainError, Forbidden, Invalid
from relief.schemes.drafting import service
from relief.web.context import current_actor, now

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Page = Callable[[DomainError], str]
_DIGITS = 10


def seen() -> int:
    """Return the version of the draft that the form was made from."""
    text = field("version")
    if not (text.isascii() and text.isdecimal() and len(text) < _DIGITS):
        raise BadRequest
    return int(text)


def save(
    draft_id: uuid.UUID, change: service.Edit, *, done: str, otherwise: Page
) -> Response | tuple[str, int]:
    """Save an edit of the draft that the form was made from; show it, or `otherwise` why not."""
    return act(draft_id, service.edit, change=change, done=done, otherwise=otherwise)


def act(
    draft_id: uuid.UUID,
    what: Callable[..., object],
    *,
    done: str,
    otherwise: Page,
    **given: Any,
) -> Response | tuple[str, int]:
    """Do something with the draft that the form was made from, once for each form."""
    actor, version = current_actor(), seen()

    def work(session: "Session") -> uuid.UUID:
        what(session, draft_id=draft_id, version=version, actor_id=actor.id, now=now(), **given)
        return draft_id

    try:
        with unit_of_work() as session:
            forms.once(session, lambda: work(session))
    except (Conflict, Forbidden, Invalid) as fault:
        return otherwise(fault), forms.status_of(fault)
    flash(done, "good")
    return redirect(url_for("console.drafts.show", draft_id=draft_id), code=303)
