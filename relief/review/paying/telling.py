"""Telling the family's telephones, and the staff, what becomes of a payee.

A message goes to the telephones that were known before, whatever the new one is: whoever turns an
account to themselves brings a telephone of their own. None names a person or an account.
"""

import uuid
from collections.abc import Iterable

from relief.funds.payees.models import CasePayee
from relief.notifications.service import Notice, PhoneNotice, tell, tell_phones
from relief.review.stages import Way


def proposed(way: Way, payee: CasePayee, *, changed: bool) -> None:
    """Tell the old telephones that an account is to be in force once another has confirmed it."""
    template = "payee-change-proposed" if changed else "payee-entry-proposed"
    _tell(way, payee, payee.old_phones, template)


def answered(way: Way, payee: CasePayee, *, confirmed: bool) -> None:
    """Tell how it ended: who entered it; and once it is in force, old and new telephones."""
    said = "收款账户已确认" if confirmed else "收款账户不予确认"
    tell(
        way.session,
        [
            Notice(
                recipient_id=payee.proposed_by,
                title=said,
                body=f"申请事项 {way.case.number}：{said}。",
                link=f"/cases/{way.case.id}",
                dedupe_key=f"payee:{payee.id}:staff",
            )
        ],
        now=way.now,
    )
    if confirmed:
        new = [] if payee.phone_id is None else [payee.phone_id]
        both = dict.fromkeys([*payee.old_phones, *new])
        _tell(way, payee, both, "payee-in-force")


def _tell(way: Way, payee: CasePayee, phones: Iterable[uuid.UUID], template: str) -> None:
    masks = dict(zip(payee.old_phones, payee.told, strict=True))
    tell_phones(
        way.session,
        [
            PhoneNotice(
                phone_id=phone,
                phone_masked=masks.get(phone, payee.phone_masked),
                template=template,
                values={"case": way.case.number},
                dedupe_key=f"payee:{payee.id}:{payee.state.value}:{phone}",
            )
            for phone in phones
        ],
        now=way.now,
    )
