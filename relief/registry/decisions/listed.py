"""The households in which departments list one person: what a steward chooses from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from relief.core.scope import Scope
from relief.registry.models import LinkReview
from relief.registry.queries import department_lists
from relief.registry.queries.department_lists import DepartmentList


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeOption:
    """A household in which departments list the person today.

    `claim` names it in the answer. `followed`: the registry has the person there now; it is the
    proposed answer. `people` counts all, `lists` shows those whom the reader may see.
    """

    claim: str
    followed: bool
    last_on: date | None
    people: int
    lists: Sequence[DepartmentList]


def options(session: Session, *, scope: Scope, review: LinkReview) -> Sequence[HomeOption]:
    """Return what a question of someone's household lets one choose from. One query."""
    found: Sequence[Mapping[str, Any]] = review.evidence.get("options", ())
    lists = department_lists.of_claims(
        session,
        scope=scope,
        claims={claim for one in found for claim in one["claims"]},
        beside=review.identity_id,
    )
    return [
        HomeOption(
            claim=one["claim"],
            followed=one["followed"],
            last_on=date.fromisoformat(one["last_on"]) if one["last_on"] else None,
            people=one["people"],
            lists=[lists[claim] for claim in one["claims"] if claim in lists],
        )
        for one in found
    ]
