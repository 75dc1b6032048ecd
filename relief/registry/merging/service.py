"""Merges the departments' records into one registry, as one transaction."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.core.ids import new_id
from relief.core.privacy.cipher import Cipher
from relief.core.progress import Progress, silent
from relief.registry import dependants
from relief.registry.merging import (
    absent,
    apply,
    basis,
    differences,
    extract,
    holding,
    quality,
    reviews,
)
from relief.registry.merging.errors import TooMany
from relief.registry.merging.workbench import Workbench, open_workbench
from relief.registry.merging.working import STEPS, Work, work_out
from relief.registry.models import ImportBatch
from relief.registry.types import BatchStatus
from relief.schemes import authority as scheme_authority

MERGE_LOCK = 0x52454C4945460003


@dataclass(frozen=True, slots=True)
class MergeReport:
    """What one merge found and did."""

    merge_id: uuid.UUID
    whole: bool  # everything was worked out; else the counts are of the parts that were
    identities: int
    persons: int
    households: int
    reviews_opened: int
    reviews_closed: int
    changes: Mapping[str, apply.Change]
    held: Sequence[Mapping[str, Any]] = ()
    left: Sequence[dependants.Obstacle] = ()
    drifted: bool = False  # by the same files and rules, something was not as it should be

    def as_json(self) -> dict[str, Any]:
        """Return the report as one JSON object."""
        return {
            "merge": str(self.merge_id),
            "whole": self.whole,
            "drifted": self.drifted,
            "identities": self.identities,
            "persons": self.persons,
            "households": self.households,
            "reviews_opened": self.reviews_opened,
            "reviews_closed": self.reviews_closed,
            "held": [dict(roll) for roll in self.held],
            # What hung on someone and could not be placed: a steward must.
            "left": [{"what": each.what, "id": str(each.id)} for each in self.left],
            "changes": {table: asdict(change) for table, change in self.changes.items()},
        }


def merge(
    session: Session,
    *,
    cipher: Cipher,
    actor_id: uuid.UUID | None,
    now: datetime,
    progress: Progress = silent,
    authority: Mapping[str, Sequence[str]] | None = None,
    leaving: Collection[uuid.UUID] = (),
    concerned: Collection[uuid.UUID] = (),
    whole: bool = False,
    few: Collection[uuid.UUID] | None = None,
) -> MergeReport:
    """Bring persons, households, enrolments and sums to what the live batches say.

    Works out, in DuckDB, the parts of the registry that the changes since the last merge can
    reach; everything, if `whole` or if that is quicker; and writes only what differs. Two merges
    at once follow each other. Batches that were loaded are merged after.

    `leaving`: source identities that have no claim to the id of the person they were part of.
    `concerned`: those of whom something was decided. `few`: someone waits for the answer to
    these batches; raises TooMany, with the transaction to be rolled back, where another merge is at
    work, other batches wait for one, many people are in reach, or a steward is to be asked.
    """
    if few is None:
        session.execute(select(func.pg_advisory_xact_lock(MERGE_LOCK)))
    elif not session.scalar(select(func.pg_try_advisory_xact_lock(MERGE_LOCK))):
        raise TooMany
    # The work may take minutes; the web's limits on a statement are not meant for it.
    session.execute(text("SET LOCAL statement_timeout = 0"))
    session.execute(text("SET LOCAL work_mem = '256MB'"))
    merge_id = new_id(now)
    audit.attribute(session, actor_id=actor_id, reason=f"merge {merge_id}", now=now)
    ranks = authority or scheme_authority.load()
    begun = basis.of(session, cipher=cipher, authority=ranks)
    stands = basis.stands(session, begun)
    whole = whole or not stands
    with ExitStack() as stack:
        held: list[Mapping[str, Any]] = []
        while True:
            fresh = extract.choose_batches(session)
            _leave_to_the_worker(few, set(fresh).difference(few or ()))
            work = Work(
                bench=stack.enter_context(open_workbench()),
                session=session,
                cipher=cipher,
                authority=ranks,
                leaving=leaving,
                now=now,
                progress=progress,
                few=few is not None,
            )
            bench = work.bench
            reach = work_out(work, concerned=None if whole else concerned)
            if not (too_much := holding.too_much(session, bench, now=now)):
                break
            # What was worked out holds their rows: begin again without them. That is rare.
            _leave_to_the_worker(few, too_much)  # with its notice
            held.extend(holding.hold(session, too_much, now=now))
            stack.close()
        narrow = reach is not None
        progress(6, STEPS, "写入困难群众库")
        changes = apply.apply(session, bench, moment=now.isoformat(), narrow=narrow)
        if narrow:
            changes["region_aid"] = differences.add(
                session, bench, apply.REGIONS, empty="t.persons = 0"
            )
        else:
            changes |= apply.apply(session, bench, targets=(apply.REGIONS, apply.CROWDED))
        changes["quality_figure"] = quality.count(session, bench, reach=reach)
        moved_homes, gone_homes = _homes(bench)
        left = dependants.follow(
            session,
            moves=[*_moves(bench), *absent.come_back(session, bench, now=now)],
            now=now,
            moved_homes=moved_homes,
            gone_homes=gone_homes,
        )
        _leave_to_the_worker(few, left)
        questions = reviews.bring_up_to_date(
            session, bench, actor_id=actor_id, now=now, narrow=narrow
        )
        report = MergeReport(
            merge_id=merge_id,
            whole=not narrow,
            identities=bench.count("identity"),
            persons=bench.count("new_person"),
            households=bench.count("new_household"),
            reviews_opened=questions.opened,
            reviews_closed=questions.closed,
            changes=changes,
            held=tuple(held),
            left=left,
            drifted=stands and not (narrow or concerned) and _moved(session, changes),
        )
    if not narrow:
        basis.keep(session, begun, now=now)
    _close_batches(session, fresh, report, actor_id=actor_id, now=now)
    progress(STEPS, STEPS, "归并完成")
    return report


def _leave_to_the_worker(few: Collection[uuid.UUID] | None, because: Collection[Any]) -> None:
    """Raise TooMany if there is something that whoever waits for an answer is not to wait for."""
    if few is not None and because:
        raise TooMany


def _moved(session: Session, changes: Mapping[str, apply.Change]) -> bool:
    """Tell whether something changed though no file came or was taken back."""
    waiting = session.scalar(
        text(
            "SELECT EXISTS (SELECT FROM import_batch b WHERE b.shown <> EXISTS"
            " (SELECT FROM live_batch l WHERE l.id = b.id))"
        )
    )
    return not waiting and any(
        change != apply.Change()
        for table, change in changes.items()
        if table not in ("link_part", "crowded_block")
    )


def _moves(bench: Workbench) -> list[dependants.Move]:
    """Return which identities speak of another person than before."""
    rows = bench.run("""
        SELECT o.identity_id, o.person_id, p.id
        FROM old_link o JOIN link l USING (identity_id) JOIN person_id p USING (cluster)
        WHERE o.person_id <> p.id ORDER BY ALL
    """)
    return [dependants.Move(*row) for row in rows.fetchall()]


def _homes(bench: Workbench) -> tuple[list[dependants.Move], list[uuid.UUID]]:
    """Return which identities are of another household than before, and which ones are gone."""
    rows = bench.run("""
        SELECT o.identity_id, m.household_id, h.id
        FROM old_link o JOIN old_member m USING (person_id) JOIN link l USING (identity_id)
        JOIN new_member n USING (cluster) JOIN household_id h USING (household)
        WHERE m.household_id <> h.id ORDER BY ALL
    """)
    moved = [dependants.Move(*row) for row in rows.fetchall()]
    gone = bench.run("SELECT id FROM old_household ANTI JOIN household_id USING (id) ORDER BY id")
    return moved, [row[0] for row in gone.fetchall()]


def _close_batches(
    session: Session,
    fresh: Sequence[uuid.UUID],
    report: MergeReport,
    *,
    actor_id: uuid.UUID | None,
    now: datetime,
) -> None:
    # Only those that were read: one that was loaded meanwhile waits for the next merge, and one
    # that was taken back meanwhile stays taken back.
    merged = session.scalars(
        update(ImportBatch)
        .where(ImportBatch.id.in_(fresh), ImportBatch.status == BatchStatus.LOADED)
        .values(status=BatchStatus.MERGED, merged_at=now)
        .returning(ImportBatch.id)
    ).all()
    session.execute(
        text(
            "UPDATE import_batch b SET shown = NOT b.shown"
            " WHERE b.shown <> EXISTS (SELECT FROM live_batch l WHERE l.id = b.id)"
        )
    )
    audit.record(
        session,
        "registry:merged",
        subject_type="registry_merge",
        subject_id=report.merge_id,
        actor_id=actor_id,
        now=now,
        details={**report.as_json(), "batches": [str(batch) for batch in merged]},
    )
