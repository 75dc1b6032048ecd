"""A drill: is the newest backup good for anything? Restored where it harms nothing, and compared.

Red is any difference: a table that has not the rows of the snapshot, a value or a file that does
not open with the keys at hand, a verifier that finds a fault.
"""

import secrets
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, make_url, select
from sqlalchemy.orm import Session

from relief.attachments import queries as attachments
from relief.attachments.models import StoredFile
from relief.backups import service
from relief.backups.manifest import Manifest
from relief.core.db import session_on
from relief.core.errors import DomainError
from relief.core.privacy.cipher import CannotOpen, Cipher
from relief.core.privacy.models import SecretValue
from relief.core.progress import Progress, silent
from relief.integrations.postgres import archive

# What else looks at a restored database; returns the faults it found, in Chinese.
Verifier = Callable[[Session], Sequence[str]]
VALUES, FILES = 500, 20  # opened of each kind, chosen at random


@dataclass(slots=True)
class Outcome:
    """What a drill came to."""

    backup: str
    checks: dict[str, list[str]] = field(default_factory=dict)  # name → faults
    figures: dict[str, float] = field(default_factory=dict)

    @property
    def green(self) -> bool:
        """Tell whether nothing was found."""
        return not any(self.checks.values())


def drill(
    folder: Path,
    url: str,
    *,
    cipher: Cipher,
    verifiers: Mapping[str, Verifier],
    progress: Progress = silent,
) -> Outcome:
    """Restore the newest backup in `folder` beside the real database, and compare.

    Raises NoBackup, archive.ArchiveError. The scratch database and folder are gone afterwards.
    """
    began = time.monotonic()
    name = f"{make_url(url).database}_drill_{secrets.token_hex(4)}"
    with (
        tempfile.TemporaryDirectory(prefix=".drill-", dir=folder) as scratch,
        archive.scratch_database(url, name) as address,
    ):
        storage = Path(scratch)
        try:
            backup, wanted = service.restore(folder, address, storage, progress=progress)
        except DomainError as error:
            return Outcome(str(folder), {"恢复": [error.detail or error.title]})
        outcome = Outcome(str(backup))
        outcome.figures["restore_seconds"] = round(time.monotonic() - began, 2)
        outcome.figures["tables"] = len(wanted.tables)
        outcome.figures["rows"] = sum(table.rows for table in wanted.tables.values())
        outcome.figures["files"] = len(wanted.files)
        _compare(outcome, wanted, address, storage, cipher=cipher, verifiers=verifiers)
    outcome.figures["seconds"] = round(time.monotonic() - began, 2)
    return outcome


def _compare(
    outcome: Outcome,
    wanted: Manifest,
    address: str,
    storage: Path,
    *,
    cipher: Cipher,
    verifiers: Mapping[str, Verifier],
) -> None:
    outcome.checks["数据表"] = [
        f"{name} 与备份时不符" for name in service.differences(address, wanted)
    ]
    missing = sorted(set(wanted.key_ids) - set(cipher.data_keys))
    outcome.checks["密钥"] = [f"缺少编号为 {key} 的数据密钥" for key in missing]
    with session_on(address) as session:
        outcome.checks["密文"] = _open_values(session, cipher, outcome)
        outcome.checks["原始文件"] = _open_files(session, cipher, storage, outcome)
        for name, verify in verifiers.items():
            outcome.checks[name] = list(verify(session))


def _open_values(session: Session, cipher: Cipher, outcome: Outcome) -> list[str]:
    """Open some values, and find each again by the blind index."""
    faults = []
    rows = session.scalars(select(SecretValue).order_by(func.random()).limit(VALUES)).all()
    for row in rows:
        try:
            value = cipher.open(bytes(row.ciphertext), row_id=row.id)
        except CannotOpen:
            faults.append(f"{row.id} 无法解密")
            continue
        if row.index_key_id not in cipher.index_keys:
            faults.append(f"缺少编号为 {row.index_key_id} 的索引密钥")
        elif cipher.blind_index(row.kind, value, key_id=row.index_key_id) != bytes(row.blind_index):
            faults.append(f"{row.id} 的查找索引与索引密钥不符")
    outcome.figures["values_opened"] = len(rows)
    return faults


def _open_files(session: Session, cipher: Cipher, storage: Path, outcome: Outcome) -> list[str]:
    """Decrypt some originals wholly, and hold them against their sizes."""
    faults = []
    rows = session.scalars(select(StoredFile).order_by(func.random()).limit(FILES)).all()
    for row in rows:
        try:
            pieces = attachments.pieces(row, cipher=cipher, storage=storage)
            whole = sum(map(len, pieces)) == row.size
        except (CannotOpen, DomainError):
            whole = False
        if not whole:
            faults.append(f"{row.id.hex} 无法完整解密")
    outcome.figures["files_opened"] = len(rows)
    return faults
