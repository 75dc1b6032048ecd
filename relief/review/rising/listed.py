"""To whom a draft of a parameter is listed.

What the city drafts, and what is published, concerns everybody who works cases. What a county
drafts for itself is its office's until it is published; an auditor of the county reads it in the
trail.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, false, or_
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.core.scope import RegionRange, subtree
from relief.review.rising.models import ParameterDraft
from relief.schemes import queries as schemes
from relief.schemes import rules
from relief.schemes.rules import Book

_CITYS = ParameterDraft.region_code % 10**8 == 0


def to(session: Session, actor: Actor, book: Book) -> ColumnElement[bool]:
    """Return the condition on `parameter_draft`: the city's, published, or one's own office's.

    One query. The office is that which may draft, publish and discard it: of the department whose
    schemes' rules ask for the parameter, and of all of the county (`settable.of_office`).
    """
    return or_(
        _CITYS,
        ParameterDraft.published_at.is_not(None),
        and_(_whole(actor.scope.ranges), ParameterDraft.name.in_(_names(session, actor, book))),
    )


def _whole(ranges: Collection[RegionRange]) -> ColumnElement[bool]:
    """Match the drafts of counties that lie in one of the ranges as a whole."""
    county = subtree(10**6)  # any one: all are of a size
    size = county.hi - county.lo
    return or_(
        false(),
        *(
            and_(
                ParameterDraft.region_code >= part.lo, ParameterDraft.region_code <= part.hi - size
            )
            for part in ranges
        ),
    )


def _names(session: Session, actor: Actor, book: Book) -> Collection[str]:
    """Return the parameters that the rules of the actor's department's schemes ask for."""
    if actor.department_code is None:
        return ()
    led = {one.code for one in schemes.schemes(session, department_code=actor.department_code)}
    return frozenset().union(
        *(rules.read(row).names for row in book.rules if row.scheme_code in led)
    )
