"""What the forms of a payee offer, and what they say."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from relief.console.forms import field
from relief.console.labels import LABELS
from relief.funds.payees.types import AccountForm, PayeeKind
from relief.organisation import queries as organisation
from relief.registry import purposes
from relief.review.errors import WordsMissing
from relief.review.kin.filing import RELATION
from relief.review.paying.entering import Payee

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_ALL = ("bank_code", "account_number", "holder", "payee_proof")
_SAY = "请选择收款人和账户种类，并写明开户行联行号、账号、户名和核对凭据"


def choices(session: "Session") -> Mapping[str, Any]:
    """Return what the forms offer."""
    return {
        "payee_kinds": list(LABELS["payee_kind"].items()),
        "account_forms": list(LABELS["account_form"].items()),
        "holder_relations": list(
            organisation.code_tables(session, tables=[RELATION])[RELATION].items()
        ),
        "purposes": list(purposes.choices(session).items()),
        "longest_remark": purposes.LONGEST_REMARK,
    }


def read() -> Payee:
    """Return the payee of a form. Raises WordsMissing for one that is not whole."""
    if not all(field(name) for name in _ALL):
        raise WordsMissing(_SAY)
    try:
        kind, form = PayeeKind(field("payee_kind")), AccountForm(field("account_form"))
    except ValueError:
        raise WordsMissing(_SAY) from None
    return Payee(
        kind=kind,
        form=form,
        bank_code=field("bank_code"),
        number=field("account_number")[:64],
        holder=field("holder"),
        relation=field("holder_relation") or None,
        phone=field("holder_phone") or None,
        proof=field("payee_proof")[:2000],
    )


def read_if_given() -> Payee | None:
    """Return the payee of an application, or None if it names none. Raises WordsMissing."""
    return read() if any(field(name) for name in _ALL) else None
