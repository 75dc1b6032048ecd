"""Fills in the applications of many people with what is known, as of one (`taking_over`)."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from relief.core.ages import months_after
from relief.core.scope import Scope
from relief.review import stages
from relief.review.checks.models import CaseAuthorisation
from relief.review.facts.models import CaseFact
from relief.review.models import Case
from relief.review.recognition import prefilling, taking_over
from relief.review.recognition.models import CasePrefill
from relief.review.recognition.prefilling import KnownValue
from relief.review.recognition.rosters import Confirmed
from relief.review.stages import Way
from relief.review.types import Step
from relief.review.visible import case_visible
from relief.schemes import queries as schemes
from relief.schemes.models import Scheme

Known = Mapping[uuid.UUID, Sequence[KnownValue]]


def known_of_all(
    session: Session, people: Sequence[Confirmed], *, scheme: Scheme, scope: Scope, now: datetime
) -> Known:
    """Return person → what is known for an application of each, as of one alone."""
    return prefilling.known_values_of(
        session,
        scope=scope,
        rows=[(one.person, one.membership, one.household) for one in people],
        scheme=scheme,
        identities={one.person.id: one.identities for one in people},
        now=now,
    )


def take_over_all(
    ways: Sequence[Way], people: Sequence[Confirmed], known: Known, *, scope: Scope
) -> None:
    """Keep what is known as that of applications entered just now.

    As many statements for a hundred as for one.
    """
    session, scheme = ways[0].session, ways[0].scheme
    filled, facts = [], []
    for way in ways:
        values = known[way.case.person_id]
        filled += [taking_over.prefill_row(way, one) for one in values]
        facts += [taking_over.fact_row(way, one) for one in values if one.kind is not None]
        stages.note(way, Step.TAKEN_OVER, None, "、".join(one.name for one in values))
    session.flush()
    session.execute(insert(CasePrefill), filled, execution_options={"render_nulls": True})
    if facts:
        session.execute(insert(CaseFact), facts)
    if scheme.extra.get("consent") == taking_over.FAMILY:
        _authorisations(ways, {one.person.id: one for one in people}, scope)


def _authorisations(
    ways: Sequence[Way], people: Mapping[uuid.UUID, Confirmed], scope: Scope
) -> None:
    """Keep the families' earlier authorisations, as long as they hold. Three statements."""
    session, on = ways[0].session, ways[0].today
    months = int(schemes.parameter(session, "authorisation_months", on=on))
    everybody = set().union(*(one.family for one in people.values()))
    rows = session.scalars(
        select(CaseAuthorisation)
        .ext(distinct_on(CaseAuthorisation.person_id))
        .join(Case, Case.id == CaseAuthorisation.case_id)
        .where(CaseAuthorisation.person_id.in_(everybody), case_visible(scope))
        .order_by(CaseAuthorisation.person_id, CaseAuthorisation.signed_on.desc(), Case.id)
    )
    newest = {row.person_id: row for row in rows if months_after(row.signed_on, months) > on}
    kept = []
    for way in ways:
        theirs = [newest[one] for one in sorted(people[way.case.person_id].family) if one in newest]
        kept += [taking_over.authorisation_row(way, row) for row in theirs]
        if theirs:
            names = "、".join(row.name for row in theirs)
            stages.note(way, Step.AUTHORISED, None, f"沿用仍有效的核对授权：{names}")
    if kept:
        session.execute(insert(CaseAuthorisation), kept, execution_options={"render_nulls": True})
