"""What posts have in common: trimmed fields, and doing a thing once."""

import json
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from relief.core.db import unit_of_work
from relief.core.errors import Conflict, DomainError, Forbidden, Invalid
from relief.core.ids import new_id
from relief.web import idempotency
from relief.web.context import current_actor, now
from relief.web.guard import CSRF_FIELD
from relief.web.problems import STATUS_BY_KIND

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ONCE_FIELD = "once"


def field(name: str) -> str:
    """Return a field of the form, without blanks around it; empty if it is not there."""
    return request.form.get(name, "").strip()


def new_key() -> str:
    """Return the key that one rendered form carries."""
    return str(new_id(now()))


def given_key() -> str:
    """Return the form's key to show again after a fault, or a new one."""
    return field(ONCE_FIELD) or new_key()


def once(session: "Session", work: Callable[[], uuid.UUID]) -> uuid.UUID:
    """Do the work of this form, or return what it made when it was first sent."""
    key = field(ONCE_FIELD)
    if not key:
        return work()
    made: Any = idempotency.once(
        session,
        actor_id=current_actor().id,
        key=f"form:{key}"[:64],
        request=_content(),
        now=now(),
        work=lambda: str(work()),
    )
    return uuid.UUID(made)


def act(
    what: Callable[..., object],
    /,
    *,
    done: str,
    then: str,
    otherwise: Callable[[DomainError], str],
    **given: Any,
) -> Response | tuple[str, int]:
    """Do an act of the reader's once for each form, and go on to `then`; show `otherwise` why not.

    Raises NotFound.
    """
    actor, moment = current_actor(), now()

    def work(session: "Session") -> uuid.UUID:
        what(session, actor=actor, now=moment, **given)
        return new_id(moment)

    try:
        with unit_of_work() as session:
            once(session, lambda: work(session))
    except (Conflict, Forbidden, Invalid) as fault:
        return otherwise(fault), status_of(fault)
    flash(done, "good")
    return redirect(then, code=303)


def status_of(fault: DomainError) -> int:
    """Return the status of a page that says why something was refused."""
    return int(next(code for kind, code in STATUS_BY_KIND.items() if isinstance(fault, kind)))


def _content() -> bytes:
    """Return what was filled in, without the session's token and any password."""
    filled = {
        name: values
        for name, values in sorted(request.form.to_dict(flat=False).items())
        if name not in {CSRF_FIELD, "password"}
    }
    return json.dumps([request.path, filled], ensure_ascii=False).encode()
