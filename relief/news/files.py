"""Files of a draft: put there, taken off, and given to who may see the version."""

import hashlib
import io
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.attachments import queries as attachments
from relief.attachments import service as storing
from relief.attachments.errors import FileNotFound
from relief.attachments.media.limits import DEFAULT_LIMITS
from relief.attachments.media.types import MediaKind, Taken
from relief.attachments.models import StoredFile
from relief.core.privacy.cipher import Cipher
from relief.news import held
from relief.news.content import LENGTHS
from relief.news.errors import BadArticle, BadFile, NoDraft
from relief.news.models import NewsArticle, NewsFile, NewsVersion
from relief.news.types import FileKind, VersionStatus
from relief.schemes import queries as schemes

PURPOSE = "news"
MOST_FILES = 20
# What may be sent, and what it is to an article.
KINDS: Mapping[MediaKind, FileKind] = {
    MediaKind.PICTURE: FileKind.PICTURE,
    MediaKind.DOCUMENT: FileKind.DOCUMENT,
    MediaKind.SOUND: FileKind.AUDIO,
}


@dataclass(frozen=True, slots=True)
class Given:
    """A file to be sent: its plain content, piece by piece, or from a byte to another.

    What a file says never changes, so its id tells one content from another.
    """

    id: uuid.UUID
    kind: FileKind
    title: str
    media_type: str
    size: int
    pieces: Iterator[bytes]
    part: Callable[[int, int], Iterator[bytes]]


def attach(
    session: Session,
    taken: Taken,
    *,
    article_id: uuid.UUID,
    version: int,
    name: str,
    title: str,
    actor: Actor,
    cipher: Cipher,
    storage: Path,
    now: datetime,
) -> uuid.UUID:
    """Put a file to a draft and return its id; the same content again is the file there is.

    `taken`: of a kind in `KINDS`, made anew outside of the transaction. `title`: by which the
    text names a picture; without one, the file's name. Raises ArticleNotFound, NoDraft,
    ArticleEditedMeanwhile, BadFile, BadArticle.
    """
    made = taken.clean
    held.hold(session, article_id, actor)
    if (there := _there(session, article_id, made.content)) is not None:
        if title.strip() not in {"", there.title}:
            detail = f"这个文件已以“{there.title}”为名上传，要换名称请先删除"
            raise BadFile(detail)
        return there.file_id
    row = held.draft(session, article_id, version=version, actor=actor)
    if KINDS[taken.kind] is FileKind.AUDIO and _has_audio(session, row):
        detail = "已有朗读音频，请先删除原来的再上传"
        raise BadFile(detail)
    called = _title(session, row, title.strip() or Path(storing.plain_name(name)).stem)
    stored = storing.store(
        session, io.BytesIO(made.content), name=name, media_type=made.media_type,
        purpose=PURPOSE, actor_id=actor.id, cipher=cipher, storage=storage, now=now,
        limit=DEFAULT_LIMITS.kept_bytes,
    )  # fmt: skip
    session.add(
        NewsFile(
            article_id=article_id, number=row.number, file_id=stored.id, kind=KINDS[taken.kind],
            title=called, media_type=made.media_type, size=stored.size,
        )
    )  # fmt: skip
    _changed(session, row, "file_added", called, actor=actor, now=now)
    return stored.id


def longest_sound(session: Session, *, on: date) -> int:
    """Return how many seconds the audio of an article may last. Raises ParameterNotSet."""
    return int(schemes.parameter(session, "sound_news_seconds_max", on=on))


def check(session: Session, *, article_id: uuid.UUID, actor: Actor) -> None:
    """Raise, before a file is made anew, what says that the actor has no such draft to put it to.

    Raises ArticleNotFound, NoDraft.
    """
    held.hold(session, article_id, actor)
    row = held.live(session, article_id)
    if row is None or row.status is not VersionStatus.DRAFT:
        raise NoDraft


def detach(
    session: Session,
    *,
    article_id: uuid.UUID,
    version: int,
    file_id: uuid.UUID,
    actor: Actor,
    storage: Path,
    now: datetime,
) -> None:
    """Take a file off a draft; its content goes too if no other version has it.

    Raises ArticleNotFound, NoDraft, ArticleEditedMeanwhile, FileNotFound.
    """
    row = held.draft(session, article_id, version=version, actor=actor)
    gone = session.get(NewsFile, (article_id, row.number, file_id))
    if gone is None:
        raise FileNotFound(file_id=str(file_id))
    session.delete(gone)
    session.flush()
    elsewhere = select(NewsFile.number).where(NewsFile.file_id == file_id).limit(1)
    if session.scalar(elsewhere) is None:
        storing.discard(session, attachments.get(session, file_id), storage=storage)
    _changed(session, row, "file_removed", gone.title, actor=actor, now=now)


def staff_file(
    session: Session,
    *,
    article_id: uuid.UUID,
    file_id: uuid.UUID,
    reader: Actor,
    cipher: Cipher,
    storage: Path,
) -> Given:
    """Return a file of any version of an article that the staff member sees.

    Raises FileNotFound.
    """
    found = session.scalar(
        select(NewsFile)
        .join(NewsArticle, NewsArticle.id == NewsFile.article_id)
        .where(
            NewsFile.article_id == article_id,
            NewsFile.file_id == file_id,
            held.visible(reader.scope),
        )
        .limit(1)
    )
    if found is None:
        raise FileNotFound(file_id=str(file_id))
    return given(found, cipher=cipher, storage=storage)


def given(found: NewsFile, *, cipher: Cipher, storage: Path) -> Given:
    """Return the content of a file that the caller may see. Raises FileNotFound."""
    attachments.require_kept(found.file_id, storage=storage)
    pieces = attachments.kept_pieces(found.file_id, cipher=cipher, storage=storage)

    def part(first: int, last: int) -> Iterator[bytes]:
        return attachments.kept_part(
            found.file_id, first=first, last=last, cipher=cipher, storage=storage
        )

    return Given(
        id=found.file_id,
        kind=found.kind,
        title=found.title,
        media_type=found.media_type,
        size=found.size,
        pieces=pieces,
        part=part,
    )


def _there(session: Session, article_id: uuid.UUID, data: bytes) -> NewsFile | None:
    """Return the file of the same content that the unfinished version of a held article has."""
    row = held.live(session, article_id)
    if row is None:
        return None
    found: NewsFile | None = session.scalar(
        select(NewsFile)
        .join(StoredFile, StoredFile.id == NewsFile.file_id)
        .where(
            NewsFile.article_id == article_id,
            NewsFile.number == row.number,
            StoredFile.sha256 == hashlib.sha256(data).digest(),
        )
    )
    return found


def _has_audio(session: Session, row: NewsVersion) -> bool:
    found = session.scalar(
        select(NewsFile.file_id).where(
            NewsFile.article_id == row.article_id,
            NewsFile.number == row.number,
            NewsFile.kind == FileKind.AUDIO,
        )
    )
    return found is not None


def _title(session: Session, row: NewsVersion, title: str) -> str:
    """Return a file's title if it can be one. Raises BadArticle, BadFile."""
    if len(title) > LENGTHS["file_title"] or any(mark in title for mark in "[]*"):
        detail = f"附件名称最多 {LENGTHS['file_title']} 个字，不能含有 [ ] *"
        raise BadArticle(detail)
    titles = session.scalars(
        select(NewsFile.title).where(
            NewsFile.article_id == row.article_id, NewsFile.number == row.number
        )
    ).all()
    if title in titles:
        detail = f"已有名为“{title}”的附件，请换一个名称"
        raise BadArticle(detail)
    if len(titles) >= MOST_FILES:
        detail = f"一篇文章最多 {MOST_FILES} 个附件"
        raise BadFile(detail)
    return title


def _changed(
    session: Session, row: NewsVersion, verb: str, title: str, *, actor: Actor, now: datetime
) -> None:
    """Let the text show the pictures that there are; who changed them had a hand in it."""
    row.html = held.rendered(session, row).html
    held.touch(row, actor, now)
    article = session.get_one(NewsArticle, row.article_id)
    details = {"number": row.number, "file": title}
    held.record(session, article, verb, details, actor=actor, now=now)
