"""How good each department's file is (数据质量), as the last merge found."""

import uuid

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base
from relief.registry.types import Measure


class QualityFigure(Base):
    """Of one file: how many of its rows have one kind of fault, of how many that could."""

    __tablename__ = "quality_figure"

    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("import_batch.id"), primary_key=True)
    measure: Mapped[Measure] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column(
        String(20), primary_key=True, comment="of a person; empty for faults of the whole row"
    )
    faulty: Mapped[int]
    total: Mapped[int]
