"""The households in which departments list one person: what a steward chooses from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.core.scope import Scope
from relief.registry.merging.signatures import of_claim
from relief.registry.models import LinkDecision, LinkReview
from relief.registry.queries import department_lists
from relief.registry.queries.department_lists import DepartmentList


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeOption:
    """A household in which departments list the person today.

    `claim` names it in the answer. `followed`: while the question is open, the registry has the
    person there; it is the proposed answer. `chosen`: it is what was answered.
    `people` counts all, `lists` shows those whom the reader may see.
    """

    claim: str
    followed: bool
    chosen: bool
    last_on: date | None
    people: int
    lists: Sequence[DepartmentList]


def options(session: Session, *, scope: Scope, review: LinkReview) -> Sequence[HomeOption]:
    """Return what a question of someone's household lets one choose from. Two queries."""
    found: Sequence[Mapping[str, Any]] = review.evidence.get("options", ())
    lists = department_lists.of_claims(
        session,
        scope=scope,
        claims={claim for one in found for claim in one["claims"]},
        beside=review.identity_id,
    )
    anchors = _chosen(session, review) if found else set()
    return [
        HomeOption(
            claim=one["claim"],
            followed=one["followed"] and review.closed_at is None,
            chosen=any(of_claim(*claim.split("|", 1)) in anchors for claim in one["claims"]),
            last_on=date.fromisoformat(one["last_on"]) if one["last_on"] else None,
            people=one["people"],
            lists=[lists[claim] for claim in one["claims"] if claim in lists],
        )
        for one in found
    ]


def _chosen(session: Session, review: LinkReview) -> set[str]:
    """Return the anchors of the act that answered a question, if one did."""
    if review.act_id is None:
        return set()
    rows = session.execute(
        select(LinkDecision.one_anchor, LinkDecision.other_anchor).where(
            LinkDecision.act_id == review.act_id
        )
    )
    return {anchor for row in rows for anchor in row}
