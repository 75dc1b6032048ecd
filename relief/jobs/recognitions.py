"""Finds open cases whose recognised identity has ended, is contradicted or too old."""

from datetime import datetime

from sqlalchemy.orm import Session

from relief.review.recognition import watching


def watch_recognitions(session: Session, *, now: datetime) -> str:
    """Raise a doubt in each open case that rests on an identity that stands no longer."""
    return f"{watching.run(session, now=now)} cases lost an identity"
