"""Reading what was handed in with a case: the list, and one file, of which the look is kept."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from relief.accounts.identity import Actor
from relief.accounts.models import Account
from relief.attachments.media.types import MediaKind
from relief.attachments.models import StoredFile
from relief.audit import grounds
from relief.core.clock import local_date
from relief.registry import disclosure
from relief.registry.disclosure import works_of
from relief.review.enclosures.errors import EnclosureNotFound
from relief.review.enclosures.models import CaseEnclosure
from relief.review.kin import locks
from relief.review.types import LIVE
from relief.review.visible import get_case
from relief.schemes import queries as schemes


@dataclass(frozen=True, slots=True)
class Viewed:
    """The file of something handed in, and the title under which it is given."""

    stored: StoredFile
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnclosureRow:
    """Something handed in with a case, as its page shows it.

    `size` in bytes and `sha256` (hexadecimal) are of what is kept: None once it was taken out.
    """

    id: uuid.UUID
    kind: MediaKind
    title: str
    media_type: str | None
    size: int | None
    sha256: str | None
    received_sha256: str
    width: int | None
    height: int | None
    milliseconds: int | None
    added_by: str
    added_at: datetime
    removed_by: str | None
    removed_at: datetime | None
    removed_why: str | None


def enclosures_of(session: Session, *, case_id: uuid.UUID) -> Sequence[EnclosureRow]:
    """Return what was handed in with a case, in the order in which it came. One query."""
    remover = aliased(Account)
    rows = session.execute(
        select(CaseEnclosure, StoredFile, Account.display_name, remover.display_name)
        .join(Account, Account.id == CaseEnclosure.added_by)
        .outerjoin(StoredFile, StoredFile.id == CaseEnclosure.file_id)
        .outerjoin(remover, remover.id == CaseEnclosure.removed_by)
        .where(CaseEnclosure.case_id == case_id)
        .order_by(CaseEnclosure.added_at, CaseEnclosure.id)
    )
    return [_row(*row) for row in rows]


def longest_sound(session: Session, *, on: date) -> int:
    """Return how many seconds a recording of a case may last. Raises ParameterNotSet."""
    return int(schemes.parameter(session, "sound_case_seconds_max", on=on))


def view(
    session: Session, *, viewer: Actor, case_id: uuid.UUID, enclosure_id: uuid.UUID, now: datetime
) -> Viewed:
    """Return the file of something handed in with a case in scope, and record the look.

    A photo of an identity card shows its whole number. A case that runs is the ground for whoever
    works in it; of one that ended an open ground is asked for. Raises CaseNotFound; KinOfCase,
    StoodBack, AgentHandles for whom it is locked; EnclosureNotFound, NoOpenGround.
    """
    case = get_case(session, viewer.scope, case_id)
    locks.refuse(session, case, account_id=viewer.id, on=local_date(now))
    found = session.execute(
        select(StoredFile, CaseEnclosure.title)
        .join(CaseEnclosure, CaseEnclosure.file_id == StoredFile.id)
        .where(CaseEnclosure.id == enclosure_id, CaseEnclosure.case_id == case_id)
    ).one_or_none()
    if found is None:
        raise EnclosureNotFound
    if case.status not in LIVE:
        grounds.require_ground(
            session,
            person_id=case.person_id,
            actor_id=viewer.id,
            works=works_of(viewer.permissions),
            now=now,
        )
    disclosure.record_look(
        session,
        "case",
        case_id,
        viewer,
        {"persons": [str(case.person_id)], "enclosure": str(enclosure_id)},
        people=[case.person_id],
        region_code=case.region_code,
        now=now,
    )
    return Viewed(*found)


def _row(
    found: CaseEnclosure, stored: StoredFile | None, added_by: str, removed_by: str | None
) -> EnclosureRow:
    return EnclosureRow(
        id=found.id,
        kind=found.kind,
        title=found.title,
        media_type=stored.media_type if stored else None,
        size=stored.size if stored else None,
        sha256=stored.sha256.hex() if stored else None,
        received_sha256=found.received_sha256.hex(),
        width=found.width,
        height=found.height,
        milliseconds=found.milliseconds,
        added_by=added_by,
        added_at=found.added_at,
        removed_by=removed_by,
        removed_at=found.removed_at,
        removed_why=found.removed_why,
    )
