"""Locks cases for the staff whose kin the family is by a register (A09); the county then visits."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.core.ids import new_id
from relief.review.checks import a09_unfiled_kin
from relief.review.checks.facts import CaseFacts
from relief.review.kin import locks
from relief.review.kin.models import CaseKin
from relief.review.kin.types import KinSource

UNFILED_KIN = "A09"


def lock(session: Session, looked_at: Mapping[uuid.UUID, CaseFacts], *, now: datetime) -> None:
    """Keep whose kin each family is, once for each. Two statements, none where nobody is."""
    found = {
        (case_id, one.account_id, one.name): one.relation
        for case_id, facts in looked_at.items()
        for one in a09_unfiled_kin.unfiled(facts)
    }
    if not found:
        return
    kept = {
        (row.case_id, row.account_id, row.name)
        for row in session.execute(
            select(CaseKin.case_id, CaseKin.account_id, CaseKin.name).where(
                CaseKin.case_id.in_({case_id for case_id, _, _ in found}),
                CaseKin.source == KinSource.REGISTER,
            )
        )
    }
    locks.keep(
        session,
        [
            CaseKin(
                id=new_id(now), case_id=case_id, account_id=account_id, name=name,
                relation=relation, source=KinSource.REGISTER, found_at=now,
            )
            for (case_id, account_id, name), relation in found.items()
            if (case_id, account_id, name) not in kept
        ],
    )  # fmt: skip
