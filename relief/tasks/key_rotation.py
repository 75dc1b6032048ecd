"""Turns everything sealed to the present keys, in small committed steps under load.

A step is a transaction of its own and leaves each value readable, so a kill at any point loses
nothing: the next run finds what is left by the keys that the values themselves name.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.core import locks
from relief.core.db import session_on
from relief.core.errors import Conflict
from relief.core.privacy import index_keys
from relief.core.privacy.holders import Holder, Keys, KeyUse, Use
from relief.core.progress import Progress, silent

STEP = 1_000
WAIT_SECONDS = 0.2
_LOCK = "rotation of keys"
_SUBJECT = "keys"


class RotationRuns(Conflict):
    """Another process turns the keys at this moment."""

    code = "key-rotation-runs"
    title = "另一个进程正在轮换密钥"


@dataclass(frozen=True, slots=True)
class Usage:
    """How many values of one holder are under one key."""

    holder: str
    use: Use
    key_id: int
    count: int
    is_present: bool
    is_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """What a rotation needs. `database_url` is for a connection that holds its lock."""

    unit_of_work: Callable[[], AbstractContextManager[Session]]
    database_url: str
    holders: Sequence[Holder]
    keys: Keys
    clock: Callable[[], datetime]
    progress: Progress = silent
    step: int = STEP


def status(session: Session, holders: Sequence[Holder], keys: Keys) -> list[Usage]:
    """Return which keys are in use, and by how many values of each holder."""
    present, known = keys.present(), keys.known()
    return [
        Usage(holder.name, use[0], use[1], count, use in present, use in known)
        for holder in holders
        for use, count in sorted(holder.usage(session, keys).items())
    ]


def rotate(rotation: Rotation) -> Mapping[str, int]:
    """Turn every value to the present keys; return how many of each holder.

    Raises RotationRuns, or CannotOpen for a value whose key is not in the settings.
    """
    with session_on(rotation.database_url) as guard:
        # Freed by the database itself, however this process ends.
        if not locks.try_hold(guard, _LOCK):
            raise RotationRuns
        return _rotate(rotation)


def _rotate(this: Rotation) -> Mapping[str, int]:
    with this.unit_of_work() as session:
        before = status(session, this.holders, this.keys)
        _record(this, session, "keys:rotation_started", _as_json(before))
    _make_current(this)
    total = sum(usage.count for usage in before if not usage.is_present)
    turned: Counter[str] = Counter()
    for holder in this.holders:
        while _left(this, holder):
            if not _walk(this, holder, turned, total):
                time.sleep(WAIT_SECONDS)  # what is left is in another transaction's hand
    with this.unit_of_work() as session:
        after = status(session, this.holders, this.keys)
        used = {usage.key_id for usage in after if usage.use is Use.INDEX}
        retired = index_keys.retire(session, used)
        details = {"turned": dict(turned), "index_keys_retired": retired}
        _record(this, session, "keys:rotation_finished", details | _as_json(after))
    return turned


def _make_current(this: Rotation) -> None:
    """Let new values be written by the present index key; no writer is kept waiting for it."""
    while True:
        with this.unit_of_work() as session:
            present = this.keys.cipher.current_index_key
            if index_keys.make_current(session, present, now=this.clock()):
                return
        this.progress(0, 0, "等待正在进行的导入结束")
        time.sleep(WAIT_SECONDS)


def _left(this: Rotation, holder: Holder) -> bool:
    with this.unit_of_work() as session:
        return bool(holder.usage(session, this.keys).keys() - this.keys.present())


def _walk(this: Rotation, holder: Holder, turned: Counter[str], total: int) -> int:
    """Go through a holder once, and return how many values were turned."""
    after: Any = None
    count = 0
    while True:
        with this.unit_of_work() as session:
            step = holder.turn(session, this.keys, after=after, limit=this.step)
        turned[holder.name] += step.turned
        count += step.turned
        this.progress(min(turned.total(), total), total, f"正在更换密钥：{holder.name}")
        if step.after is None:
            return count
        after = step.after


def _record(this: Rotation, session: Session, action: str, details: Mapping[str, object]) -> None:
    cipher = this.keys.cipher
    audit.record(
        session,
        action,
        subject_type=_SUBJECT,
        subject_id=audit.NOBODY,
        actor_id=None,
        now=this.clock(),
        details={"data_key": cipher.current_key, "index_key": cipher.current_index_key, **details},
    )


def _as_json(usages: Sequence[Usage]) -> dict[str, object]:
    return {"values": {f"{one.holder}:{one.use.value}:{one.key_id}": one.count for one in usages}}


def spent(usages: Sequence[Usage], keys: Keys) -> set[KeyUse]:
    """Return the keys of the settings that nobody uses any more, and that may be taken away."""
    return keys.known() - keys.present() - {(usage.use, usage.key_id) for usage in usages}
