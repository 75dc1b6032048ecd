"""What stewards decided about who is who: input of every merge, and never an edit of its result."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base, bigint
from relief.registry.types import ActKind, Verdict


class LinkDecision(Base):
    """Two descriptions are the same person, or are not (核定); decided by people only.

    An *anchor* is the content signature of a source identity (`merging.signatures`), so that a
    decision holds for next month's file too; where two identities of one signature had to be told
    apart it is the identity itself, `i:…`. All rows of one act were decided, and are taken back,
    together. Rows are added and withdrawn, and otherwise never changed.
    """

    __tablename__ = "link_decision"
    __table_args__ = (
        CheckConstraint("one_anchor < other_anchor", name="anchors_in_order"),
        CheckConstraint("moved_anchor IN (one_anchor, other_anchor)", name="moved_is_one_of_them"),
        CheckConstraint(
            "num_nulls(withdrawn_at, withdrawn_by, withdrawn_reason) IN (0, 3)",
            name="withdrawn_by_someone",
        ),
        # Of two stewards who decide at once, one is first.
        Index(
            "uq_link_decision_open",
            "one_anchor",
            "other_anchor",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index(
            "ix_link_decision_other_anchor",
            "other_anchor",
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index(None, "act_id"),
        Index(None, "decided_by", "act_id"),
        Index(None, "region_code", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    one_anchor: Mapped[str] = mapped_column(String(40))
    other_anchor: Mapped[str] = mapped_column(String(40))
    verdict: Mapped[Verdict]
    kind: Mapped[ActKind]
    act_id: Mapped[uuid.UUID] = mapped_column(comment="what was decided together")
    moved_anchor: Mapped[str | None] = mapped_column(
        String(40), comment="the one that a split took away; the number stays with the other"
    )
    person_id: Mapped[uuid.UUID] = mapped_column(index=True, comment="whom the act was about")
    other_id: Mapped[uuid.UUID | None] = mapped_column(
        index=True, comment="the second person, as it was then; of a split, there was none"
    )
    county_code: Mapped[int]
    region_code: Mapped[bigint] = mapped_column(comment="of the person the act was about")
    reason: Mapped[str] = mapped_column(String(200))
    decided_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime]
    withdrawn_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None] = mapped_column(String(200))
