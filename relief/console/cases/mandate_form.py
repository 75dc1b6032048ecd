"""What the forms of a mandate offer, and what they say."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from flask import request

from relief.console.forms import field
from relief.console.labels import LABELS
from relief.review.errors import WordsMissing
from relief.review.mandates import queries
from relief.review.mandates.acts import Mandate
from relief.review.mandates.types import AgentKind, MandateAct, MandateForm

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from relief.accounts.identity import Actor

_ALL = ("agent", "agent_number", "mandate_proof")
_SAY = "请写明受托人姓名、身份证号、代办事项、期限和委托凭据"


def choices(session: "Session", actor: "Actor") -> Mapping[str, Any]:
    """Return what the forms offer; witnesses are the actor's colleagues."""
    return {
        "agent_kinds": list(LABELS["agent_kind"].items()),
        "mandate_acts": list(LABELS["mandate_act"].items()),
        "mandate_forms": list(LABELS["mandate_form"].items()),
        "handed_kinds": list(LABELS["handed"].items()),
        "witnesses": queries.witnesses(session, actor=actor),
        "chosen_acts": request.form.getlist("mandate_acts"),
    }


def read() -> Mandate:
    """Return the mandate of a form. Raises WordsMissing for one that is not whole."""
    if not all(map(field, _ALL)):
        raise WordsMissing(_SAY)
    try:
        return Mandate(
            agent=field("agent")[:80],
            kind=AgentKind(field("agent_kind")),
            number=field("agent_number"),
            acts=[MandateAct(one) for one in request.form.getlist("mandate_acts")],
            from_on=date.fromisoformat(field("mandate_from")),
            until_on=date.fromisoformat(field("mandate_until")),
            form=MandateForm(field("mandate_form")),
            proof=field("mandate_proof")[:2000],
            witness_id=uuid.UUID(field("witness_id")) if field("witness_id") else None,
        )
    except ValueError:
        raise WordsMissing(_SAY) from None


def read_if_given() -> Mandate | None:
    """Return the mandate of an application, or None if nobody applies in another's place."""
    return read() if request.form.get("mandate_acts") or any(map(field, _ALL)) else None
