"""What an import tells."""

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relief.registry.types import BatchStatus, Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReport:
    """How one file fared. received = loaded + rejected, always.

    A file that is refused before its scheme is known has no batch and no scheme.
    """

    batch_id: uuid.UUID | None
    scheme_code: str | None
    file_name: str
    status: BatchStatus
    received: int = 0
    loaded: int = 0
    rejected: int = 0
    fault: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the report as one JSON object."""
        return {
            "file": self.file_name,
            "scheme": self.scheme_code,
            "batch": str(self.batch_id) if self.batch_id else None,
            "status": self.status.value,
            "received": self.received,
            "loaded": self.loaded,
            "rejected": self.rejected,
            "fault": self.fault,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A file that is to be imported: where its plain content is, and what it is called.

    `stored_id`: it came by upload and is kept already. `region_code`: of which part of the city
    it is the whole roll, if it is one; none: of all.
    """

    path: Path
    file_name: str
    sha256: bytes
    stored_id: uuid.UUID | None = None
    region_code: int | None = None
    channel: Channel = Channel.FILE
