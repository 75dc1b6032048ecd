"""Which identity numbers begin with no known division."""

import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base


class UnplacedNumber(Base):
    """An identity number that passes its check and begins with no known division.

    Noted when a file brings the number, since it is not kept in the clear; the next file that
    brings it takes the note back if the division is known by then.
    """

    __tablename__ = "unplaced_number"

    citizen_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("secret_value.id"), primary_key=True, comment="secret_value"
    )
