"""Homes that are surveyed as the law asks: by two, on a sheet that both sides signed."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from relief.accounts.models import Account
from relief.accounts.types import Role
from relief.attachments.media.types import MediaKind
from relief.attachments.models import StoredFile
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.review.enclosures.models import CaseEnclosure
from relief.review.models import Case
from relief.review.surveying import acts
from relief.review.surveying.acts import Sheet
from tests import factories

FOUND = "家庭情况与申报一致"


def make_sheet(
    session: Session,
    case_id: uuid.UUID,
    *,
    by: uuid.UUID,
    now: datetime,
    kind: MediaKind = MediaKind.PICTURE,
) -> uuid.UUID:
    """Keep the photo of a signed sheet with a case: its rows alone, nobody looks at it."""
    stored, sheet = new_id(now), new_id(now)
    session.add(
        StoredFile(
            id=stored, name="材料.jpg", media_type="image/jpeg", sha256=stored.bytes * 2, size=1,
            purpose="case-enclosure", created_at=now, created_by=by,
        )
    )  # fmt: skip
    session.flush()
    session.add(
        CaseEnclosure(
            id=sheet, case_id=case_id, kind=kind, title="入户调查表", file_id=stored,
            received_sha256=sheet.bytes * 2, received_size=1, added_by=by, added_at=now,
        )
    )  # fmt: skip
    session.flush()
    return sheet


def survey(session: Session, case_id: uuid.UUID, *, now: datetime) -> None:
    """Survey the home of a case by two of its township, who have left for elsewhere since."""
    region = str(session.get_one(Case, case_id).region_code)
    two = [
        factories.make_account(session, Role.CLERK, department="D01", region=region)
        for _ in range(2)
    ]
    acts.record(
        session,
        actor=factories.actor_of(two[0]),
        case_id=case_id,
        companion_id=two[1].id,
        held_on=local_date(now),
        finding=FOUND,
        sheet=Sheet(enclosure_id=make_sheet(session, case_id, by=two[0].id, now=now)),
        now=now,
    )
    for one in two:
        session.get_one(Account, one.id).disabled_at = now
    session.flush()
