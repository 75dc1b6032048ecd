"""Opens the questions that a merge leaves to a steward, and closes those whose cause is gone."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from relief.audit import bulk_grounds
from relief.audit.models import GroundKind
from relief.core.db import driver
from relief.core.ids import new_id
from relief.registry.merging.workbench import Workbench
from relief.registry.models import LinkReview
from relief.registry.types import ReviewKind

PURPOSES = {ReviewKind.HOUSEHOLD: "人工核对住在哪一户"}
PURPOSE = "人工核对是否同一人"


@dataclass(frozen=True, slots=True)
class Reviews:
    """How many questions a merge opened and closed."""

    opened: int
    closed: int


_QUERY = """
    SELECT d.kind, d.key, p.county, p.region, owner.id, other.id, d.identity_id, d.evidence
    FROM doubt d
    JOIN link l ON l.identity_id = d.identity_id
    JOIN new_person p ON p.cluster = l.cluster
    JOIN person_id other ON other.cluster = l.cluster
    LEFT JOIN held h ON h.citizen_id = d.citizen_id
    LEFT JOIN link o ON o.identity_id = d.other_identity_id
    LEFT JOIN person_id owner ON owner.cluster = coalesce(h.cluster, o.cluster)
    ORDER BY d.kind, d.key
"""


def bring_up_to_date(
    session: Session,
    bench: Workbench,
    *,
    actor_id: uuid.UUID | None,
    now: datetime,
    narrow: bool = False,
) -> Reviews:
    """Compare the doubts of this merge with the open questions, by their natural key.

    `narrow`: with the questions about the identities in `wanted`; those of others stay open.
    """
    session.execute(text("DROP TABLE IF EXISTS pg_temp.new_review"))
    session.execute(
        text(
            "CREATE TEMPORARY TABLE new_review (id uuid, kind text, key text, county_code int,"
            " region_code bigint, person_id uuid, other_id uuid, identity_id uuid,"
            " evidence jsonb) ON COMMIT DROP"
        )
    )
    rows = bench.run(_QUERY).fetchall()
    with (
        driver(session).cursor() as cursor,
        cursor.copy("COPY new_review FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row((new_id(now), *row))
    here = " AND r.identity_id IN (SELECT identity_id FROM wanted)" if narrow else ""
    closed = _ids(
        session,
        f"UPDATE link_review r SET closed_at = %(now)s WHERE closed_at IS NULL{here} AND NOT EXISTS"
        " (SELECT FROM new_review n WHERE n.kind = r.kind AND n.key = r.key) RETURNING r.id",
        now,
    )
    # The people concerned may have got other ids or homes since the question was opened.
    moved = _ids(
        session,
        "UPDATE link_review r SET person_id = n.person_id, other_id = n.other_id,"
        " identity_id = n.identity_id, county_code = n.county_code,"
        " region_code = n.region_code, evidence = n.evidence FROM new_review n"
        " WHERE r.closed_at IS NULL AND n.kind = r.kind AND n.key = r.key"
        " AND (r.person_id, r.other_id, r.identity_id, r.region_code, r.evidence)"
        " IS DISTINCT FROM (n.person_id, n.other_id, n.identity_id, n.region_code, n.evidence)"
        " RETURNING r.id",
        now,
    )
    opened = _ids(
        session,
        "INSERT INTO link_review (id, kind, key, county_code, region_code, person_id, other_id,"
        " identity_id, evidence, opened_at) SELECT n.id, n.kind, n.key, n.county_code,"
        " n.region_code, n.person_id, n.other_id, n.identity_id, n.evidence, %(now)s"
        " FROM new_review n WHERE NOT EXISTS (SELECT FROM link_review r"
        " WHERE r.closed_at IS NULL AND r.kind = n.kind AND r.key = n.key) RETURNING id",
        now,
    )
    _keep_grounds(session, ended=closed + moved, begun=opened + moved, actor_id=actor_id, now=now)
    return Reviews(opened=len(opened), closed=len(closed))


def _keep_grounds(
    session: Session,
    *,
    ended: list[uuid.UUID],
    begun: list[uuid.UUID],
    actor_id: uuid.UUID | None,
    now: datetime,
) -> None:
    """Let a steward see both people of an open question, and no longer than it is open."""
    bulk_grounds.close_many(
        session,
        kind=GroundKind.TASK,
        references=[str(review) for review in ended],
        actor_id=actor_id,
        now=now,
    )
    people = session.execute(
        select(LinkReview.id, LinkReview.kind, LinkReview.person_id, LinkReview.other_id).where(
            LinkReview.id.in_(begun)
        )
    ).all()
    for purpose in (PURPOSE, *PURPOSES.values()):
        bulk_grounds.open_many(
            session,
            kind=GroundKind.TASK,
            work=[
                (str(review), person)
                for review, kind, owner, other in people
                if PURPOSES.get(kind, PURPOSE) == purpose
                for person in (owner, other)
                if person is not None
            ],
            purpose=purpose,
            actor_id=actor_id,
            now=now,
        )


def _ids(session: Session, sql: str, now: datetime) -> list[uuid.UUID]:
    with driver(session).cursor() as cursor:
        return [row[0] for row in cursor.execute(sql.encode(), {"now": now}).fetchall()]
