"""Taking in and sending what belongs to a case, for every front end alike."""

import uuid
from typing import IO

from flask import Response

from relief.attachments import queries as attachments
from relief.attachments.media import service as media
from relief.attachments.media.types import MediaKind, Taken
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.review.enclosures import acts, queries
from relief.web.context import cipher, config, current_actor, now
from relief.web.downloads import as_download
from relief.web.ranges import in_part

_DOWNLOADED = frozenset({"application/pdf"})  # not made anew, so no page of ours shows it


def take_in(
    stream: IO[bytes], *, case_id: uuid.UUID, enclosure_id: uuid.UUID, title: str
) -> Taken | None:
    """Make anew a file that came for a case, or return None if it was taken in before.

    Between two transactions, so that no lock is held meanwhile. Raises what `acts.add` and
    `media.make_anew` do.
    """
    received = media.receive(stream)
    with unit_of_work() as session:
        is_new = acts.is_new(
            session,
            actor=current_actor(),
            case_id=case_id,
            enclosure_id=enclosure_id,
            title=title,
            received_sha256=received.sha256,
            now=now(),
        )
        longest = 0
        if media.kind_of(received) is MediaKind.SOUND:
            longest = queries.longest_sound(session, on=local_date(now()))
    if not is_new:
        return None
    return media.make_anew(received, accepts=acts.ACCEPTS, longest=longest)


def send(case_id: uuid.UUID, enclosure_id: uuid.UUID) -> Response:
    """Send a file of a case, or the part that was asked for; the look is recorded.

    Raises what `queries.view` does; RequestedRangeNotSatisfiable.
    """
    with unit_of_work() as session:
        found = queries.view(
            session, viewer=current_actor(), case_id=case_id, enclosure_id=enclosure_id, now=now()
        )
    stored, storage = found.stored, config().storage_dir
    attachments.require_content(stored, storage=storage)
    whole = as_download(
        attachments.pieces(stored, cipher=cipher(), storage=storage),
        stored.size,
        name=found.title + media.SUFFIXES[stored.media_type],
        media_type=stored.media_type,
        inline=stored.media_type not in _DOWNLOADED,
    )
    return in_part(
        whole,
        stored.size,
        digest=stored.sha256.hex(),
        part=lambda first, last: attachments.part(
            stored, first=first, last=last, cipher=cipher(), storage=storage
        ),
    )
