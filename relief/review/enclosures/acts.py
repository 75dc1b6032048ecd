"""What is done about things handed in with a case: one is added, or taken out again.

Each is done under the case's lock, in the caller's transaction, with a line in its timeline.
"""

import uuid
from datetime import datetime
from io import BytesIO
from pathlib import Path

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.attachments import service as attachments
from relief.attachments.media.service import SUFFIXES
from relief.attachments.media.types import MediaKind, Taken
from relief.attachments.models import StoredFile
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.masking import mask_numbers
from relief.review import stages, turns
from relief.review.enclosures.errors import (
    EnclosureIdTaken,
    EnclosureNotFound,
    EnclosureRepeated,
    EnclosureUntitled,
)
from relief.review.enclosures.models import CaseEnclosure
from relief.review.stages import Way
from relief.review.surveying import queries as surveys
from relief.review.surveying.errors import SheetKept
from relief.review.types import Step

ACCEPTS = frozenset(MediaKind)
PURPOSE = "case-enclosure"
STORED_NAME = "材料"
SHORTEST_TITLE, LONGEST_TITLE = 2, 80


def is_new(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    enclosure_id: uuid.UUID,
    title: str,
    received_sha256: bytes,
    now: datetime,
) -> bool:
    """Tell whether a file that came is still to be taken in; ask before it is made anew.

    False: this very request was answered before. Raises what `add` does.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    return _is_new(way, enclosure_id, _title(title), received_sha256)


def add(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    enclosure_id: uuid.UUID,
    title: str,
    taken: Taken,
    cipher: Cipher,
    storage: Path,
    now: datetime,
) -> None:
    """Keep a file of a case under an id that its sender made; the same again changes nothing.

    Raises what `turns.enter` does; EnclosureUntitled, CaseClosed, EnclosureIdTaken,
    EnclosureRepeated.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    words = _title(title)
    if not _is_new(way, enclosure_id, words, taken.received_sha256):
        return
    stored = attachments.store(
        session,
        BytesIO(taken.clean.content),
        # What its sender called it may name people, and so may its title, which stands where only
        # who sees the case reads it.
        name=STORED_NAME + SUFFIXES[taken.clean.media_type],
        media_type=taken.clean.media_type,
        purpose=PURPOSE,
        actor_id=actor.id,
        cipher=cipher,
        storage=storage,
        now=now,
        limit=len(taken.clean.content),
    )
    added = session.scalar(
        insert(CaseEnclosure)
        .values(
            id=enclosure_id,
            case_id=case_id,
            kind=taken.kind,
            title=words,
            file_id=stored.id,
            received_sha256=taken.received_sha256,
            received_size=taken.received_size,
            width=taken.clean.width,
            height=taken.clean.height,
            milliseconds=taken.clean.milliseconds,
            added_by=actor.id,
            added_at=now,
        )
        .on_conflict_do_nothing()
        .returning(CaseEnclosure.id)
    )
    if added is None:  # the id stands for something that the actor may not know of
        raise EnclosureIdTaken
    stages.note(way, Step.ENCLOSED, None, words)


def remove(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    enclosure_id: uuid.UUID,
    reason: str,
    storage: Path,
    now: datetime,
) -> None:
    """Take out what does not belong in a case that runs: its file goes with the commit.

    Raises what `turns.enter` does; CaseClosed, EnclosureNotFound; SheetKept for a survey's.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    turns.refuse_ended(way)
    found = session.scalars(
        select(CaseEnclosure).where(
            CaseEnclosure.id == enclosure_id,
            CaseEnclosure.case_id == case_id,
            CaseEnclosure.removed_at.is_(None),
        )
    ).one_or_none()
    if found is None:
        raise EnclosureNotFound
    if surveys.is_sheet(session, enclosure_id=enclosure_id):
        raise SheetKept
    stored = session.get_one(StoredFile, found.file_id)
    found.file_id = None
    found.removed_by, found.removed_at, found.removed_why = actor.id, now, reason
    session.flush()
    attachments.discard(session, stored, storage=storage)
    session.flush()
    stages.note(way, Step.ENCLOSURE_REMOVED, None, f"{found.title}：{reason}")


def _is_new(way: Way, enclosure_id: uuid.UUID, title: str, received_sha256: bytes) -> bool:
    known = way.session.get(CaseEnclosure, enclosure_id)
    if known is not None:
        same = (known.case_id, known.received_sha256, known.title) == (
            way.case.id, received_sha256, title,
        )  # fmt: skip
        if not same or known.removed_at is not None:
            raise EnclosureIdTaken
        return False
    turns.refuse_ended(way)
    repeated = exists().where(
        CaseEnclosure.case_id == way.case.id,
        CaseEnclosure.received_sha256 == received_sha256,
        CaseEnclosure.removed_at.is_(None),
    )
    if way.session.scalar(select(repeated)):
        raise EnclosureRepeated
    return True


def _title(words: str) -> str:
    kept = mask_numbers(" ".join(words.split()))
    if not SHORTEST_TITLE <= len(kept) <= LONGEST_TITLE:
        raise EnclosureUntitled
    return kept
