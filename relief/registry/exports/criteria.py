"""What an export was narrowed to, sealed: names and numbers stand in it."""

import dataclasses
import json
import uuid
from collections.abc import Mapping
from typing import Any

from relief.core.privacy.cipher import Cipher
from relief.core.privacy.holders import SealedColumn
from relief.registry.models import Export
from relief.registry.queries.searching import HouseholdFilter
from relief.registry.types import Category

# Of no person, and so told without a key.
_OPEN = ("region", "scheme", "category")


def seal(cipher: Cipher, export_id: uuid.UUID, filters: HouseholdFilter) -> bytes:
    """Return the criteria as they are stored."""
    plain = json.dumps(dataclasses.asdict(filters), ensure_ascii=False).encode()
    return cipher.seal_bytes(plain, associated=bound(export_id))


def unseal(cipher: Cipher, export_id: uuid.UUID, sealed: bytes) -> HouseholdFilter:
    """Return the criteria again."""
    said = json.loads(cipher.open_bytes(sealed, associated=bound(export_id)))
    category = said.pop("category")
    return HouseholdFilter(**said, category=Category(category) if category else None)


def told(filters: HouseholdFilter) -> Mapping[str, Any]:
    """Return what may be told of the criteria without a key."""
    given = {
        name: value for name, value in dataclasses.asdict(filters).items() if value is not None
    }
    shown = {name: given[name] for name in _OPEN if name in given}
    return {**shown, "by": sorted(given.keys() - shown.keys())}


def bound(export_id: uuid.UUID) -> bytes:
    """Return what ties sealed criteria to their export."""
    return b"export|" + export_id.bytes


CRITERIA = SealedColumn(Export.criteria, bound)
