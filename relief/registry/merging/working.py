"""Works the registry out, inside the workbench: all of it, or the parts that a change reaches."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from relief.core.privacy.cipher import Cipher
from relief.core.progress import Progress
from relief.registry.merging import (
    aid,
    claims,
    decisions,
    extract,
    households,
    leaving,
    linking,
    parts,
    sounds,
    stable,
    survivorship,
)
from relief.registry.merging.errors import TooMany
from relief.registry.merging.reach import Reach
from relief.registry.merging.workbench import Workbench

STEPS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What the work needs; `live_batch` says which batches it speaks of."""

    bench: Workbench
    session: Session
    cipher: Cipher
    authority: Mapping[str, Sequence[str]]
    leaving: Collection[uuid.UUID]
    now: datetime
    progress: Progress
    few: bool  # only if few are in reach; else TooMany


def work_out(work: Work, *, concerned: Collection[uuid.UUID] | None) -> Reach | None:
    """Link, choose values, compose households, sum and name everything.

    `concerned`: the source identities of which something was decided since the last merge; None
    works out everything. Returns how far the work reached; None is everywhere. Raises TooMany.
    """
    reach = None
    if concerned is not None:
        reach = Reach(work.session, cipher=work.cipher, concerned=concerned)
    while True:
        if reach is not None and not _read(work, reach):
            reach = None
        if reach is None:
            if work.few:
                raise TooMany
            work.progress(0, STEPS, "读取各部门数据")
            extract.everyone(work.session, work.bench, cipher=work.cipher)
        _compose(work, reach)
        if reach is None or not reach.reaches_further(work.bench):
            break
        work.bench.clear()  # begin again, with those too
    _sum(work, reach)
    return reach


def _read(work: Work, reach: Reach) -> bool:
    """Read what is in reach; return False, with nothing read, if that is too much."""
    work.progress(0, STEPS, "读取变化涉及的数据")
    too_much = reach.is_many if work.few else reach.is_wide
    if too_much():
        return False
    reach.load(work.bench, linking.city())
    if too_much():
        work.bench.clear()
        return False
    extract.decisions(work.session, work.bench)
    if reach.is_small():
        work.bench.plan_little()
    return True


def _compose(work: Work, reach: Reach | None) -> None:
    """Say who is who, and who lives with whom."""
    bench, progress = work.bench, work.progress
    survivorship.load_authority(bench, work.authority)
    progress(1, STEPS, "比对人员身份")
    linking.link(
        bench,
        salt=parts.salt_of(work.cipher),
        known="known_tie" if reach is not None and reach.known else None,
        narrow=None if reach is None or reach.known else reach.narrow,
        crowded=() if reach is None else reach.crowded,
    )
    claims.gather(bench)
    decisions.apply_decisions(bench)
    progress(2, STEPS, "确定各项信息")
    survivorship.survive(bench)
    progress(3, STEPS, "组成家庭")
    households.compose(bench)
    parts.note_doors(bench)


def _sum(work: Work, reach: Reach | None) -> None:
    """Sum what they got, and find the ids they had."""
    bench, narrow = work.bench, reach is not None
    work.progress(4, STEPS, "汇总救助")
    if reach is not None:
        reach.settle()
    extract.records(work.session, bench, narrow=narrow)
    stable.note_leaving(bench, work.leaving)
    aid.sum_aid(bench, narrow=narrow)
    leaving.settle(bench)
    aid.categorise(bench)
    work.progress(5, STEPS, "核对编号")
    stable.name_people(bench, now=work.now)
    stable.name_households(bench, now=work.now)
    parts.divide(bench, parts.salt_of(work.cipher))
    sounds.note(bench)
