"""Whether any department file was ever loaded."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from relief.registry.models.source import ImportBatch


def is_empty(session: Session) -> bool:
    """Tell whether the registry holds no batch at all, undone ones included."""
    return not session.scalar(select(exists().select_from(ImportBatch)))
