"""Keeps the registry up to date with what was loaded and undone."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.jobs.queries import waiting_for_merge
from relief.registry.models import MergeBasis
from relief.tasks import queries as tasks
from relief.tasks import service as queue

KIND = "merge"
KEY = "registry"
# A merge that failed for good will fail again until someone has looked at it.
PAUSE_AFTER_FAILURE = timedelta(hours=1)
# A platform that was started or upgraded today has no need of tonight's merge of everything.
LATELY = timedelta(hours=12)


def queue_merge(session: Session, *, now: datetime) -> str:
    """Queue a merge if batches wait for one and none is queued."""
    waiting = waiting_for_merge(session)
    if not waiting.batches:
        return "nothing to merge"
    if tasks.is_open(session, kind=KIND, key=KEY):
        return "a merge is open"
    if tasks.failed_since(session, kind=KIND, key=KEY, since=now - PAUSE_AFTER_FAILURE):
        return "paused after a failure"
    queue.enqueue(
        session,
        kind=KIND,
        key=KEY,
        arguments={"notify": [str(account) for account in waiting.uploaders]},
        actor_id=None,
        now=now,
    )
    return f"queued for {waiting.batches} batches"


def queue_whole_merge(session: Session, *, now: datetime) -> str:
    """Queue a merge of everything, which shows that nothing was missed by merges of parts.

    It also counts anew which blocks are too crowded to be compared.
    """
    whole_at = session.scalar(select(MergeBasis.whole_at))
    if whole_at is None:
        return "nothing to merge"
    if whole_at > now - LATELY:
        return "everything was merged lately"
    if tasks.is_open(session, kind=KIND, key=KEY):
        return "a merge is open"
    queue.enqueue(session, kind=KIND, key=KEY, arguments={"whole": True}, actor_id=None, now=now)
    return "queued"
