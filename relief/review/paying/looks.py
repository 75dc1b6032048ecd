"""Seeing the whole number of a payee's account: on a ground, for a purpose, and written down."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.audit import grounds
from relief.audit import service as audit
from relief.core.clock import local_date
from relief.core.privacy import store
from relief.core.privacy.cipher import Cipher
from relief.funds.payees.models import CasePayee
from relief.registry import purposes
from relief.registry.disclosure import works_of
from relief.review.kin import locks
from relief.review.paying.errors import PayeeNotFound
from relief.review.visible import get_case
from relief.schemes import queries as schemes


def unmask(
    session: Session,
    cipher: Cipher,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    payee_id: uuid.UUID,
    purpose: str,
    now: datetime,
    remark: str | None = None,
) -> str:
    """Return the number of a payee's account, and record who saw it and why.

    Raises CaseNotFound; KinOfCase, StoodBack or AgentHandles for whom it is locked; PayeeNotFound
    also for a department that does not pay; NoOpenGround, and what `purposes.stated` raises.
    """
    case = get_case(session, actor.scope, case_id)
    locks.refuse(session, case, account_id=actor.id, on=local_date(now))
    scheme = schemes.get_scheme(session, code=case.scheme_code)
    payee = session.scalars(
        select(CasePayee).where(CasePayee.id == payee_id, CasePayee.case_id == case_id)
    ).one_or_none()
    if payee is None or actor.scope.department_code not in {None, scheme.department_code}:
        raise PayeeNotFound
    why = purposes.stated(session, code=purpose, remark=remark)
    ground = grounds.require_ground(
        session,
        person_id=case.person_id,
        actor_id=actor.id,
        works=works_of(actor.permissions),
        now=now,
    )
    values = store.reveal(session, cipher, [payee.number_id])
    audit.record(
        session,
        "person:unmasked",
        subject_type="person",
        subject_id=case.person_id,
        actor_id=actor.id,
        now=now,
        details={
            "fields": ["payee_account"],
            "case": str(case_id),
            "payee": str(payee_id),
            "ground": str(ground.id),
            "purpose": why.code,
            "remark": why.remark,
        },
        region_code=case.region_code,
    )
    return values[payee.number_id]
