"""What stewards do: answer a question, take a person apart, put two together, take it back.

Each is one transaction: the decisions, the audit rows, and the registry as it follows from them.
Each leaves every other person as it was. `seen` is the version of what the steward had on the
screen (`anchors.version`): if the person has other records by now, nothing is decided.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relief.core.errors import DomainError
from relief.core.privacy.cipher import Cipher
from relief.core.registrar import registrar
from relief.core.scope import Scope
from relief.registry import dependants
from relief.registry.decisions import acts, anchors
from relief.registry.decisions.acts import Act
from relief.registry.decisions.anchors import Said
from relief.registry.decisions.errors import (
    ActNotFound,
    AlreadyDecided,
    AlreadyWithdrawn,
    ChangedMeanwhile,
    NobodyChosen,
    NothingToSplit,
    OtherQuestion,
    OutOfReach,
    ReviewClosed,
    SamePerson,
)
from relief.registry.decisions.queries import candidates_of, get_review
from relief.registry.errors import PersonNotFound
from relief.registry.models import LinkDecision, LinkReview, SourceLink
from relief.registry.queries.persons import place_of
from relief.registry.queries.visible import get_person
from relief.registry.types import ActKind, ReviewKind, Verdict

_DECIDED = {
    Verdict.SAME: "person:decided_same",
    Verdict.DIFFERENT: "person:decided_different",
}


def decide_review(
    session: Session,
    *,
    cipher: Cipher,
    scope: Scope,
    review_id: uuid.UUID,
    verdict: Verdict,
    seen: str,
    reason: str,
    actor_id: uuid.UUID,
    now: datetime,
    candidate_id: uuid.UUID | None = None,
) -> Act:
    """Answer a question of the queue: the same person, or not.

    Where the question names no second person, `candidate_id` says who is the same; *different*
    then holds of every candidate. Raises ReviewNotFound, OtherQuestion, OutOfReach,
    AlreadyDecided, ReviewClosed, ChangedMeanwhile, NobodyChosen, Contradiction, and what `acts`
    raises.
    """
    review = get_review(session, scope, review_id)
    if review.kind is ReviewKind.HOUSEHOLD or verdict not in _DECIDED:
        raise OtherQuestion
    refuse_answered(session, review)
    candidates = [] if review.person_id else candidates_of(session, scope, review)
    asked = [review.person_id, review.other_id, *(row.id for row in candidates)]
    people = _answered(review, [row.id for row in candidates], verdict, candidate_id)
    places = {person: place(session, scope, person, hidden=OutOfReach) for person in people}
    person_id, *others = people
    act = acts.new_act(
        ActKind.REVIEW,
        verdict,
        person_id=person_id,
        other_id=others[0],
        reason=reason,
        actor_id=actor_id,
        now=now,
    )
    with registrar(session):
        acts.hold_registry(session)
        refuse_answered(session, session.get_one(LinkReview, review_id, populate_existing=True))
        said = unchanged(session, [each for each in asked if each], seen)
        session.execute(update(LinkReview).where(LinkReview.id == review_id).values(act_id=act.id))
        # The record that was left apart goes to the person that holds the number.
        acts.decide(
            session,
            act,
            cipher=cipher,
            stays=said[person_id],
            moves=[said[other] for other in others],
        )
        acts.record(session, act, _DECIDED[verdict], people=places, review=str(review_id))
    return act


def split_person(
    session: Session,
    *,
    cipher: Cipher,
    scope: Scope,
    person_id: uuid.UUID,
    identities: Collection[uuid.UUID],
    seen: str,
    reason: str,
    actor_id: uuid.UUID,
    now: datetime,
) -> Act:
    """Make these source identities another person; the rest keeps the id and the number.

    Raises PersonNotFound, ChangedMeanwhile, NothingToSplit, Contradiction, and what `acts` raises.
    """
    region = place(session, scope, person_id, hidden=PersonNotFound)
    act = acts.new_act(
        ActKind.SPLIT,
        Verdict.DIFFERENT,
        person_id=person_id,
        other_id=None,
        reason=reason,
        actor_id=actor_id,
        now=now,
    )
    with registrar(session):
        acts.hold_registry(session)
        said = unchanged(session, [person_id], seen)[person_id]
        leaving = [one for one in said if one.identity_id in identities]
        staying = [one for one in said if one.identity_id not in identities]
        if not (leaving and staying) or len(leaving) != len(set(identities)):
            raise NothingToSplit
        acts.decide(session, act, cipher=cipher, stays=staying, moves=[leaving])
        split_off = session.scalar(
            select(SourceLink.person_id).where(SourceLink.identity_id == leaving[0].identity_id)
        )
        acts.record(
            session,
            act,
            "person:split",
            people={person_id: region},
            identities=[str(one.identity_id) for one in leaving],
            became=str(split_off),
        )
    return act


def merge_persons(
    session: Session,
    *,
    cipher: Cipher,
    scope: Scope,
    person_id: uuid.UUID,
    other_id: uuid.UUID,
    seen: str,
    other_seen: str,
    reason: str,
    actor_id: uuid.UUID,
    now: datetime,
) -> Act:
    """Make two people one, who keeps the id of `person_id`; also of two different valid numbers.

    Raises SamePerson, PersonNotFound, ChangedMeanwhile, AlreadyDecided, Contradiction, and what
    `acts` raises.
    """
    people = [person_id, other_id]
    places = {person: place(session, scope, person, hidden=PersonNotFound) for person in people}
    if person_id == other_id:
        raise SamePerson
    act = acts.new_act(
        ActKind.MERGE,
        Verdict.SAME,
        person_id=person_id,
        other_id=other_id,
        reason=reason,
        actor_id=actor_id,
        now=now,
    )
    with registrar(session):
        acts.hold_registry(session)
        stays = unchanged(session, [person_id], seen)[person_id]
        moves = unchanged(session, [other_id], other_seen)[other_id]
        acts.decide(session, act, cipher=cipher, stays=stays, moves=[moves])
        acts.record(session, act, "person:merged", people=places)
    return act


def withdraw(
    session: Session,
    *,
    cipher: Cipher,
    scope: Scope,
    act_id: uuid.UUID,
    reason: str,
    actor_id: uuid.UUID,
    now: datetime,
) -> Act:
    """Take a whole act back; what it said holds no longer, whatever was decided since.

    Raises ActNotFound, AlreadyWithdrawn, RestsOnIt, Undecided, ReasonMissing.
    """
    reason = acts.stated(reason)
    rows = [row for row in acts.acts_of(session, act_id) if scope.covers(row.region_code)]
    if not rows or scope.department_code is not None:
        raise ActNotFound
    first = rows[0]
    act = Act(
        id=act_id,
        kind=first.kind,
        verdict=first.verdict,
        person_id=first.person_id,
        other_id=first.other_id,
        reason=reason,
        actor_id=actor_id,
        at=now,
    )
    with registrar(session):
        acts.hold_registry(session)
        open_rows = session.scalars(
            update(LinkDecision)
            .where(LinkDecision.act_id == act_id, LinkDecision.withdrawn_at.is_(None))
            .values(withdrawn_at=now, withdrawn_by=actor_id, withdrawn_reason=reason)
            .returning(LinkDecision)
        ).all()
        if not open_rows:
            raise AlreadyWithdrawn
        said = anchors.found(
            session, {end for row in open_rows for end in (row.one_anchor, row.other_anchor)}
        )
        moved = {row.moved_anchor for row in open_rows}
        dependants.refuse_people(session, people={one.person_id for one in said})
        acts.bring_up_to_date(
            session,
            cipher=cipher,
            concerned=said,
            leaving=[one for one in said if moved & one.anchors],
            actor_id=actor_id,
            now=now,
        )
        acts.record(
            session,
            act,
            "person:decision_withdrawn",
            people=dict.fromkeys(
                [act.person_id, *([act.other_id] if act.other_id else [])], first.region_code
            ),
        )
    return act


def refuse_answered(session: Session, review: LinkReview) -> None:
    """Say who was first, if the question has been answered or has fallen away."""
    if review.closed_at is None:
        return
    answers = acts.acts_of(session, review.act_id) if review.act_id else ()
    if answers:
        raise AlreadyDecided(acts.told(session, answers), conflicts=acts.members(session, answers))
    raise ReviewClosed


def _answered(
    review: LinkReview,
    candidates: Collection[uuid.UUID],
    verdict: Verdict,
    candidate_id: uuid.UUID | None,
) -> list[uuid.UUID]:
    """Return who stays, and who is or is not the same."""
    if review.other_id is None:
        raise ReviewClosed
    if review.person_id is not None:
        return [review.person_id, review.other_id]
    if verdict is Verdict.DIFFERENT and candidates:
        return [review.other_id, *candidates]
    if candidate_id is None or candidate_id not in candidates:
        raise NobodyChosen
    return [candidate_id, review.other_id]


def place(
    session: Session,
    scope: Scope,
    person_id: uuid.UUID,
    *,
    hidden: type[DomainError],
) -> int:
    """Return the region of a person in scope, for the trail."""
    try:
        person, _, household = get_person(session, scope, person_id)
    except PersonNotFound:
        raise hidden from None
    return place_of(person, household)


def unchanged(
    session: Session, people: Sequence[uuid.UUID], seen: str
) -> Mapping[uuid.UUID, Sequence[Said]]:
    """Return what is said of people, if it is what was seen. Raises ChangedMeanwhile."""
    said = anchors.said_of(session, people)
    if not all(said.values()) or seen != anchors.version_of(said):
        raise ChangedMeanwhile
    return said
