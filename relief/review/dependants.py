"""Cases and entitlements go where the source record goes by which the person was known.

The room of funds lies below and knows nothing of source records, so this one answers for both.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Uuid, any_, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import CollectionAggregate

from relief.funds.models import Entitlement
from relief.registry.dependants import Homes, Move, Obstacle
from relief.registry.models import SourceIdentity, SourceLink
from relief.review.checks.models import CaseAuthorisation
from relief.review.models import Case, CaseDecision
from relief.review.types import LIVE, Outcome


class Cases:
    """What the review keeps by person."""

    columns = frozenset(
        {
            "aid_case.person_id",
            "case_authorisation.person_id",
            "entitlement.person_id",
        }
    )

    def on_batch(self, session: Session, *, batch_id: uuid.UUID) -> Sequence[Obstacle]:
        """Return the cases, open or granted, of people whom nothing but this batch names.

        Whom other files name too stays in the registry, with what was decided about them.
        """
        theirs = (
            select(SourceLink.person_id)
            .join(SourceIdentity, SourceIdentity.id == SourceLink.identity_id)
            .where(SourceLink.person_id == Case.person_id)
        )
        rows = session.execute(
            select(Case.number, Case.id, CaseDecision.outcome)
            .outerjoin(CaseDecision, CaseDecision.case_id == Case.id)
            .where(
                or_(CaseDecision.outcome == Outcome.GRANTED, Case.status.in_(LIVE)),
                theirs.where(SourceIdentity.batch_id == batch_id).exists(),
                ~theirs.where(SourceIdentity.batch_id != batch_id).exists(),
            )
            .order_by(Case.number)
        )
        return [
            Obstacle(f"{row.number} {'已同意救助' if row.outcome else '正在办理'}", row.id)
            for row in rows
        ]

    def on_people(
        self,
        _session: Session,
        *,
        people: Collection[uuid.UUID],  # noqa: ARG002  # the protocol's
    ) -> Sequence[Obstacle]:
        """Return nothing: a case goes with its source record."""
        return ()

    def follow(
        self,
        session: Session,
        *,
        moves: Sequence[Move],
        gone: Mapping[uuid.UUID, uuid.UUID],
        homes: Homes,  # noqa: ARG002  # the protocol's
        now: datetime,  # noqa: ARG002  # the protocol's
    ) -> Sequence[Obstacle]:
        """Move what goes with a source record, and what was of someone who is no more.

        Three queries find it, however many records moved. Where the same is then granted or asked
        for twice, it stays where it was, for the steward.
        """
        to = {(move.identity_id, move.before): move.after for move in moves}
        left: list[Obstacle] = []
        for model, what in (
            (Case, "申请事项"),
            (Entitlement, "待遇"),
            (CaseAuthorisation, "授权"),
        ):
            rows = session.execute(
                select(model.id, model.identity_id, model.person_id)
                .where(
                    or_(
                        model.identity_id == _any(move.identity_id for move in moves),
                        model.person_id == _any(gone),
                    )
                )
                .order_by(model.id)
            ).all()
            for row in rows:
                after = to.get((row.identity_id, row.person_id)) or gone.get(row.person_id)
                if after is None:
                    continue
                if _clashes(session, model, row.id, after):
                    left.append(Obstacle(f"两人有同一项目的{what}，不能确定归谁", row.id))
                else:
                    session.execute(update(model).where(model.id == row.id).values(person_id=after))
        return left


def _any(ids: Iterable[uuid.UUID]) -> CollectionAggregate[bool]:
    """Return the condition's other side: one parameter, however many there are."""
    return any_(literal(list(ids), ARRAY(Uuid())))


def _clashes(
    session: Session,
    model: type[Case] | type[Entitlement] | type[CaseAuthorisation],
    row_id: uuid.UUID,
    person: uuid.UUID,
) -> bool:
    """Tell whether the database would refuse a row of this person: there is one like it."""
    if model is CaseAuthorisation:
        return False
    if model is Case:
        mine = select(Case.scheme_code).where(Case.id == row_id, Case.status.in_(LIVE))
        alike = select(Case.id).where(
            Case.person_id == person, Case.scheme_code.in_(mine), Case.status.in_(LIVE)
        )
    else:
        mine_too = select(Entitlement).where(Entitlement.id == row_id).subquery()
        alike = (
            select(Entitlement.id)
            .join(mine_too, mine_too.c.scheme_code == Entitlement.scheme_code)
            .where(
                Entitlement.person_id == person,
                Entitlement.id != row_id,
                Entitlement.period.op("&&")(mine_too.c.period),
            )
        )
    return session.scalar(alike.limit(1)) is not None
