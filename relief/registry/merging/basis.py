"""What a merge works by, beside files and decisions, as one digest.

As long as it stands, a merge may leave alone what no change can reach. A new program, an edited
specification, authority order or catalogue, or another key: and everything is worked out anew.
"""

import functools
import hashlib
import importlib.metadata
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.core import pinyin
from relief.core.privacy.cipher import Cipher
from relief.registry import matching, periods
from relief.registry.matching import specification
from relief.registry.merging.linking import SPECIFICATION
from relief.registry.models import LinkPart, MergeBasis
from relief.registry.quality import faults
from relief.schemes.models import Scheme

_ENGINES = ("duckdb", "splink")


def of(session: Session, *, cipher: Cipher, authority: Mapping[str, Sequence[str]]) -> str:
    """Return the digest of what the merge that begins works by."""
    catalogue = session.execute(
        select(Scheme.code, Scheme.department_code, Scheme.period, Scheme.category).order_by(
            Scheme.code
        )
    ).all()
    by = [
        _program(),
        cipher.current_index_key,
        sorted((field, list(schemes)) for field, schemes in authority.items()),
        [[str(value) for value in row] for row in catalogue],
    ]
    return hashlib.sha256(json.dumps(by, ensure_ascii=False).encode()).hexdigest()


def stands(session: Session, basis: str) -> bool:
    """Tell whether the registry was worked out by this, and is divided into parts."""
    known = session.scalar(select(MergeBasis.basis))
    return known == basis and session.scalar(select(LinkPart.id).limit(1)) is not None


def keep(session: Session, basis: str, *, now: datetime) -> None:
    """Remember what everything was worked out by."""
    values = {"basis": basis, "whole_at": now}
    session.execute(
        insert(MergeBasis)
        .values(id=1, **values)
        .on_conflict_do_update(index_elements=[MergeBasis.id], set_=values)
    )


@functools.cache
def _program() -> str:
    """Return the digest of the program's own rules and of the engines that run them."""
    found = hashlib.sha256()
    folders = (Path(__file__).parent, Path(matching.__file__).parent)
    files = [file for folder in folders for file in sorted(folder.glob("*.py"))]
    files += [Path(module.__file__ or "") for module in (faults, periods, pinyin)]
    for file in (*files, specification.find(SPECIFICATION)):
        found.update(file.read_bytes())
    for name in _ENGINES:
        found.update(f"{name} {importlib.metadata.version(name)}".encode())
    return found.hexdigest()
