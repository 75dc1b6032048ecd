"""Lets clocks run on that have stood as long as they may."""

from datetime import datetime

from sqlalchemy.orm import Session

from relief.review import expiring


def end_long_waits(session: Session, *, now: datetime) -> str:
    """End the waits of cases that have lasted as long as they may."""
    return f"{expiring.run_on(session, now=now)} waits ended"
