"""Families that the departments' lists confirm as something."""

from datetime import date, timedelta

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from relief.registry.models import Enrolment, ImportBatch, Membership
from tests.factories import Home
from tests.support.settings import START

SINCE, LAST, UNTIL = date(2026, 3, 1), date(2026, 11, 1), date(2026, 12, 1)


def listed(
    session: Session, home: Home, scheme: str = "S01", *, last_on: date = LAST, until: date = UNTIL
) -> Home:
    """Let the newest list of a scheme name who is enrolled in it, since March."""
    session.execute(
        update(ImportBatch)
        .where(ImportBatch.id == home.batches[scheme])
        .values(merged_at=START - timedelta(days=1), data_on=LAST)
    )
    enrolled(session, home, scheme, last_on=last_on, spells=[Range(SINCE, until)])
    return home


def enrolled(session: Session, home: Home, scheme: str = "S01", **values: object) -> None:
    """Let the registry say something else of a place on a list."""
    session.execute(
        update(Enrolment)
        .where(Enrolment.person_id == home.person_id, Enrolment.scheme_code == scheme)
        .values(**values)
    )
    session.commit()


def move_in(session: Session, guest: Home, home: Home) -> None:
    """Let someone live in another's household, as a spouse."""
    session.execute(
        update(Membership)
        .where(Membership.person_id == guest.person_id)
        .values(household_id=home.id, relation="10")
    )
    session.commit()
