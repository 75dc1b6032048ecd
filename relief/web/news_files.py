"""Taking in and sending a file of a policy article, for every front end alike."""

import uuid
from typing import IO

from flask import Response

from relief.attachments.media import service as media
from relief.attachments.media.types import MediaKind
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.news import files
from relief.news.types import FileKind
from relief.web.context import cipher, config, current_actor, now
from relief.web.downloads import as_download
from relief.web.ranges import in_part


def take_in(
    stream: IO[bytes], *, article_id: uuid.UUID, version: int, name: str, title: str
) -> None:
    """Make a file anew and put it to the draft that its sender looked at.

    Between two transactions, so that no lock is held meanwhile. Raises what `files.attach`,
    `media.receive` and `media.make_anew` do.
    """
    received = media.receive(stream)
    with unit_of_work() as session:
        files.check(session, article_id=article_id, actor=current_actor())
        longest = 0
        if media.kind_of(received) is MediaKind.SOUND:
            longest = files.longest_sound(session, on=local_date(now()))
    taken = media.make_anew(received, accepts=files.KINDS, longest=longest)
    with unit_of_work() as session:
        files.attach(
            session,
            taken,
            article_id=article_id,
            version=version,
            name=name,
            title=title,
            actor=current_actor(),
            cipher=cipher(),
            storage=config().storage_dir,
            now=now(),
        )


def send(found: files.Given) -> Response:
    """Send a file that its asker may see, or the part that was asked for.

    Pictures and sounds were made anew and are shown; a PDF came as it is and is saved. Raises
    RequestedRangeNotSatisfiable.
    """
    suffix = media.SUFFIXES[found.media_type]
    whole = as_download(
        found.pieces,
        found.size,
        name=found.title.removesuffix(suffix) + suffix,
        media_type=found.media_type,
        inline=found.kind is not FileKind.DOCUMENT,
    )
    return in_part(whole, found.size, digest=found.id.hex, part=found.part)
