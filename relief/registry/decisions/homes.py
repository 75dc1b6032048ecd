"""A steward says where someone lives whom departments list in several households."""

import uuid
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from relief.core.privacy.cipher import Cipher
from relief.core.registrar import registrar
from relief.core.scope import Scope
from relief.registry.decisions import acts
from relief.registry.decisions.acts import Act
from relief.registry.decisions.anchors import of_person
from relief.registry.decisions.errors import HomeOutOfReach, NoSuchHome, OtherQuestion
from relief.registry.decisions.queries import get_review
from relief.registry.decisions.service import place, refuse_answered, unchanged
from relief.registry.merging.signatures import of_claim
from relief.registry.models import LinkReview
from relief.registry.queries import department_lists
from relief.registry.types import ActKind, ReviewKind, Verdict


def settle_home(
    session: Session,
    *,
    cipher: Cipher,
    scope: Scope,
    review_id: uuid.UUID,
    claim: str,
    seen: str,
    reason: str,
    actor_id: uuid.UUID,
    now: datetime,
) -> Act:
    """Say that the person asked about lives in the household that `claim` names.

    It holds, whatever is imported, as long as that department lists the person there; the others
    of the household are left where they are. Raises ReviewNotFound, OtherQuestion, NoSuchHome,
    AlreadyDecided, ReviewClosed, ChangedMeanwhile, and what `acts` raises; HomeOutOfReach where the
    person, or somebody who is listed in that household, is not in scope.
    """
    review = get_review(session, scope, review_id)
    person_id = review.other_id
    if review.kind is not ReviewKind.HOUSEHOLD or person_id is None:
        raise OtherQuestion
    refuse_answered(session, review)
    region = place(session, scope, person_id, hidden=HomeOutOfReach)
    act = acts.new_act(
        ActKind.HOME,
        Verdict.LIVES,
        person_id=person_id,
        other_id=None,
        reason=reason,
        actor_id=actor_id,
        now=now,
    )
    with registrar(session):
        acts.hold_registry(session)
        review = session.get_one(LinkReview, review_id, populate_existing=True)
        refuse_answered(session, review)
        if claim not in {option["claim"] for option in review.evidence["options"]}:
            raise NoSuchHome
        said = unchanged(session, [person_id], seen)[person_id]
        department, _, number = claim.partition("|")
        if department_lists.names_hidden(session, scope=scope, claim=claim, review=review):
            raise HomeOutOfReach
        home = of_claim(department, number)
        session.execute(update(LinkReview).where(LinkReview.id == review_id).values(act_id=act.id))
        pairs = [(min(one, home), max(one, home)) for one in of_person(session, said)]
        acts.write(session, act, dict.fromkeys(pairs))
        acts.bring_up_to_date(
            session, cipher=cipher, concerned=said, leaving=(), actor_id=actor_id, now=now
        )
        acts.record(
            session,
            act,
            "person:home_decided",
            people={person_id: region},
            review=str(review_id),
            department=department,
        )
    return act
