"""What is in a file, in words: places and schemes by name, and of a search by what was searched."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from relief.console.labels import label
from relief.registry.exports.queries import ExportRow, ExportStatus

OPEN = frozenset({ExportStatus.WAITING, ExportStatus.RUNNING})
EVERYTHING = "工作区划内的全部困难户"


def areas(rows: Iterable[ExportRow]) -> set[str]:
    """Return the codes of the regions and zones that exports were narrowed to."""
    return {row.told["region"] for row in rows if "region" in row.told}


def content(
    told: Mapping[str, Any], schemes: Mapping[str, str], names: Mapping[str, str]
) -> Sequence[str]:
    """Return what narrows a list, one text each."""
    parts = []
    if region := told.get("region"):
        parts.append(names.get(region, region))
    if scheme := told.get("scheme"):
        parts.append(schemes.get(scheme, scheme))
    if category := told.get("category"):
        parts.append(label(category, "category"))
    parts += [f"按{label(name, 'field')}查找" for name in told.get("by", ())]
    return parts or [EVERYTHING]
