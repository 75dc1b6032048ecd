"""What a form says of authorisations, and how the evidence of a finding is told."""

import uuid
from collections.abc import Sequence
from datetime import date

from flask import request
from werkzeug.exceptions import BadRequest

from relief.console.forms import field
from relief.console.labels import label
from relief.core.findings import Evidence
from relief.review.checks.acts import Signed
from relief.review.checks.types import SignedBy
from relief.review.errors import WordsMissing

_NO_DAY = "请填写授权书的签署日期"


def signed() -> Sequence[Signed]:
    """Return whose authorisations a form enters. Raises WordsMissing without a day."""
    try:
        people = [uuid.UUID(one) for one in request.form.getlist("signed")]
        by = SignedBy(field("signed_by") or SignedBy.ONESELF)
    except ValueError:
        raise BadRequest from None
    if not people:
        return ()
    try:
        day = date.fromisoformat(field("signed_on"))
    except ValueError:
        raise WordsMissing(_NO_DAY) from None
    return [Signed(person_id=one, signed_on=day, signed_by=by) for one in people]


def evidence(found: Evidence) -> Sequence[tuple[str, str]]:
    """Return the evidence of a finding in lines: what, and its value."""
    return [(label(name, "evidence"), _told(name, value)) for name, value in found.items()]


def _told(name: str, value: str | int | Sequence[str]) -> str:
    if not isinstance(value, str | int):
        return "、".join(value)
    return label(value, "how") if name == "how" else str(value)
