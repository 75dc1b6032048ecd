"""Gives back the rows that were not loaded, in the original's own form, to be mended."""

import dataclasses
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.attachments import queries as attachments
from relief.attachments.models import StoredFile
from relief.core.privacy.cipher import Cipher
from relief.registry.intake import folders, reading
from relief.registry.intake.errors import BatchNotFound, FileFault, NothingRejected, UnreadableFile
from relief.registry.intake.extract import RESULT, WANTED
from relief.registry.intake.limits import DEFAULT_LIMITS, Limits
from relief.registry.models import ImportBatch, RejectedRow

_EXTRACTOR = "relief.registry.intake.extract"


@dataclass(frozen=True, slots=True)
class RejectedFile:
    """A file of rejected rows, ready to be sent."""

    name: str
    media_type: str
    content: bytes


def workbook(
    session: Session,
    batch_id: uuid.UUID,
    *,
    cipher: Cipher,
    storage: Path,
    limits: Limits = DEFAULT_LIMITS,
) -> RejectedFile:
    """Return a batch's rejected rows with a last column that says why.

    The original is opened by a child process, as when it was read. Raises BatchNotFound,
    NothingRejected, UnreadableFile.
    """
    batch = session.get(ImportBatch, batch_id)
    if batch is None:
        raise BatchNotFound(batch_id=str(batch_id))
    wanted = session.execute(
        select(RejectedRow.row_number, RejectedRow.reason)
        .where(RejectedRow.batch_id == batch_id)
        .order_by(RejectedRow.row_number)
    ).all()
    if not wanted or batch.file_id is None:
        raise NothingRejected(batch_id=str(batch_id))
    return file_of(
        attachments.get(session, batch.file_id),
        [(row.row_number, row.reason) for row in wanted],
        {"scheme": batch.scheme_code},
        file_name=batch.file_name,
        extractor=_EXTRACTOR,
        cipher=cipher,
        storage=storage,
        limits=limits,
    )


def file_of(
    stored: StoredFile,
    wanted: Sequence[tuple[int, str]],
    told: Mapping[str, Any],
    *,
    file_name: str,
    extractor: str,
    cipher: Cipher,
    storage: Path,
    limits: Limits = DEFAULT_LIMITS,
) -> RejectedFile:
    """Return rows of an original, each with its reason, in the original's own form.

    `wanted`: row numbers and reasons; `told`: what the child `extractor` has to know of the
    layout. Raises UnreadableFile.
    """
    with folders.private(storage) as folder:
        original = folder / "original"
        with original.open("wb") as file:
            file.writelines(attachments.pieces(stored, cipher=cipher, storage=storage))
        numbers, reasons = zip(*wanted, strict=True)
        pq.write_table(
            pa.table({"row_number": pa.array(numbers), "reason": pa.array(reasons)}),
            folder / WANTED,
        )
        job = {
            "path": str(original),
            "folder": str(folder),
            "limits": dataclasses.asdict(limits),
            **told,
        }
        result = reading.run_child(extractor, job, folder=folder, limits=limits)
        if "fault" in result:
            raise UnreadableFile(FileFault(result["fault"]), result["message"])
        content = (folder / RESULT).read_bytes()
    name = PurePath(file_name)
    return RejectedFile(f"{name.stem}_退回行{name.suffix}", stored.media_type, content)
