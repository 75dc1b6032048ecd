"""One act of a steward: written with its decisions, followed by the registry, all or nothing."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from relief.accounts import queries as accounts
from relief.audit import service as audit
from relief.core import locks
from relief.core.clock import CHINA
from relief.core.ids import new_id
from relief.core.privacy.cipher import Cipher
from relief.registry import dependants
from relief.registry.decisions import anchors
from relief.registry.decisions.anchors import Said
from relief.registry.decisions.contradictions import Pair, contradicted
from relief.registry.decisions.errors import (
    AlreadyDecided,
    Contradiction,
    ReasonMissing,
    RegistryBusy,
)
from relief.registry.merging import service as merging
from relief.registry.models import LinkDecision, Person
from relief.registry.types import ActKind, Verdict

SHORTEST_REASON, LONGEST_REASON = 4, 200
_WORDS = {
    (ActKind.REVIEW, Verdict.SAME): "核对为同一人",
    (ActKind.REVIEW, Verdict.DIFFERENT): "核对为不同人",
    (ActKind.SPLIT, Verdict.DIFFERENT): "拆分",
    (ActKind.MERGE, Verdict.SAME): "合并为同一人",
    (ActKind.HOME, Verdict.LIVES): "核定居住户",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What was decided: by whom, of whom, and why. `other_id`: none of a split."""

    id: uuid.UUID
    kind: ActKind
    verdict: Verdict
    person_id: uuid.UUID
    other_id: uuid.UUID | None
    reason: str
    actor_id: uuid.UUID
    at: datetime


def new_act(
    kind: ActKind,
    verdict: Verdict,
    *,
    person_id: uuid.UUID,
    other_id: uuid.UUID | None,
    reason: str,
    actor_id: uuid.UUID,
    now: datetime,
) -> Act:
    """Return an act that is not written yet. Raises ReasonMissing."""
    return Act(
        id=new_id(now),
        kind=kind,
        verdict=verdict,
        person_id=person_id,
        other_id=other_id,
        reason=stated(reason),
        actor_id=actor_id,
        at=now,
    )


def stated(reason: str) -> str:
    """Return a reason that says something. Raises ReasonMissing."""
    reason = reason.strip()
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise ReasonMissing
    return reason


def hold_registry(session: Session) -> None:
    """Wait for the merge or the decision that is under way. Raises RegistryBusy.

    Whoever waited reads what the other wrote: of two stewards who decide at once, the second
    sees what the first decided.
    """
    try:
        session.execute(select(func.pg_advisory_xact_lock(merging.MERGE_LOCK)))
    except OperationalError as error:
        if locks.is_waited_out(error):
            raise RegistryBusy from error
        raise


def decide(
    session: Session,
    act: Act,
    *,
    cipher: Cipher,
    stays: Collection[Said],
    moves: Collection[Collection[Said]],
) -> None:
    """Write what an act says of those who stay and each group of those who move, and follow it.

    The caller holds the registry. Raises AlreadyDecided, Contradiction, RestsOnIt, Undecided.
    """
    of_pair: dict[Pair, str] = {}
    for group in moves:
        for one, other in anchors.pairs(session, stays, group):
            of_pair[min(one, other), max(one, other)] = other
    if against := contradicted(session, of_pair.keys(), act.verdict):
        raise Contradiction(told(session, against), conflicts=members(session, against))
    write(session, act, of_pair)
    if act.kind is ActKind.REVIEW and act.verdict is Verdict.DIFFERENT:
        leaving: Collection[Said] = ()  # they are apart already, and stay who they are
    else:
        leaving = [said for group in moves for said in group]
        dependants.refuse_people(session, people={said.person_id for said in (*stays, *leaving)})
    concerned = [*stays, *(said for group in moves for said in group)]
    bring_up_to_date(
        session,
        cipher=cipher,
        concerned=concerned,
        leaving=leaving,
        actor_id=act.actor_id,
        now=act.at,
    )


def bring_up_to_date(
    session: Session,
    *,
    cipher: Cipher,
    concerned: Collection[Said],
    leaving: Collection[Said],
    actor_id: uuid.UUID,
    now: datetime,
) -> None:
    """Let the registry follow a decision about these source identities and their people.

    `leaving`: those who do not keep the id of the person they were part of.
    """
    report = merging.merge(
        session,
        cipher=cipher,
        actor_id=actor_id,
        now=now,
        leaving={said.identity_id for said in leaving},
        concerned={said.identity_id for said in concerned},
    )
    dependants.refuse_left(report.left)


def write(session: Session, act: Act, of_pair: Mapping[Pair, str | None]) -> None:
    """Write a decision about each pair of anchors, and which of the two moved. AlreadyDecided."""
    region = session.execute(
        select(Person.county_code, Person.home_region_code).where(Person.id == act.person_id)
    ).one()
    rows = [
        {
            "id": new_id(act.at),
            "one_anchor": one,
            "other_anchor": other,
            "verdict": act.verdict,
            "kind": act.kind,
            "act_id": act.id,
            "moved_anchor": moved,
            "person_id": act.person_id,
            "other_id": act.other_id,
            "county_code": region.county_code,
            "region_code": region.home_region_code,
            "reason": act.reason,
            "decided_by": act.actor_id,
            "decided_at": act.at,
        }
        for (one, other), moved in sorted(of_pair.items())
    ]
    # What another act says as well stays that act's: it is open once.
    written = session.scalars(
        insert(LinkDecision).values(rows).on_conflict_do_nothing().returning(LinkDecision.id)
    ).all()
    if not written:
        first = standing(session, of_pair)
        raise AlreadyDecided(told(session, first), conflicts=members(session, first))


def standing(session: Session, pairs: Collection[Pair]) -> Sequence[LinkDecision]:
    """Return the open decisions about these pairs."""
    ends = {end for pair in pairs for end in pair}
    rows = session.scalars(
        select(LinkDecision).where(
            LinkDecision.withdrawn_at.is_(None),
            LinkDecision.one_anchor.in_(ends),
            LinkDecision.other_anchor.in_(ends),
        )
    )
    return [row for row in rows if (row.one_anchor, row.other_anchor) in pairs]


def record(
    session: Session, act: Act, action: str, *, people: Mapping[uuid.UUID, int], **details: object
) -> None:
    """Write the act into the trail of each person concerned, who are given with their regions."""
    for person, region in people.items():
        audit.record(
            session,
            action,
            subject_type="person",
            subject_id=person,
            actor_id=act.actor_id,
            now=act.at,
            details={
                "act": str(act.id),
                "kind": act.kind.value,
                "verdict": act.verdict.value,
                "reason": act.reason,
                "persons": [str(each) for each in people],
                **details,
            },
            region_code=region,
        )


def acts_of(session: Session, act_id: uuid.UUID) -> Sequence[LinkDecision]:
    """Return all rows of one act, open and withdrawn."""
    return session.scalars(
        select(LinkDecision).where(LinkDecision.act_id == act_id).order_by(LinkDecision.id)
    ).all()


def told(session: Session, decisions: Collection[LinkDecision]) -> str:
    """Say who decided what and when, one act after the other."""
    names = accounts.display_names(session, {row.decided_by for row in decisions})
    told = {
        row.act_id: f"{names[row.decided_by]}于{row.decided_at.astimezone(CHINA):%Y-%m-%d %H:%M}"
        f"{_WORDS[row.kind, row.verdict]}（理由：{row.reason}）"
        for row in sorted(decisions, key=lambda row: (row.decided_at, row.id))
    }
    return "；".join(told.values()) + "。"


def members(session: Session, decisions: Collection[LinkDecision]) -> list[dict[str, str]]:
    """Return the same for programs."""
    names = accounts.display_names(session, {row.decided_by for row in decisions})
    return list(
        {
            row.act_id: {
                "act_id": str(row.act_id),
                "kind": row.kind.value,
                "verdict": row.verdict.value,
                "decided_by": names[row.decided_by],
                "decided_at": row.decided_at.isoformat(),
            }
            for row in decisions
        }.values()
    )
