"""The digest of a list of differences: what exactly somebody signed."""

import hashlib
import json
from collections.abc import Iterable

from relief.review.rising.models import RiseEntry, StandardRise


def digest_of(rise: StandardRise, entries: Iterable[RiseEntry]) -> bytes:
    """Return the SHA-256 over the rise and each entitlement that stands on its list.

    One line of JSON (UTF-8, keys sorted, no blanks, ended by a line feed) for the rise: its id,
    scheme, region, days, standards and reason, `schema` 1. Then one for each entitlement, by
    position: case, number, entitlement, sums in fen, first day of more, months and sum owed. What
    was left out is not signed.
    """
    told = hashlib.sha256()
    told.update(
        _line(
            {
                "schema": 1,
                "rise": str(rise.id),
                "scheme": rise.scheme_code,
                "region": rise.region_code,
                "effective_on": rise.effective_on.isoformat(),
                "paid_from": rise.paid_from.isoformat(),
                "standards": rise.standards,
                "reason": rise.reason,
            }
        )
    )
    for entry in entries:
        told.update(
            _line(
                {
                    "position": entry.position,
                    "case": str(entry.case_id),
                    "number": entry.number,
                    "entitlement": str(entry.entitlement_id),
                    "old_fen": entry.old_fen,
                    "new_fen": entry.new_fen,
                    "from": entry.starts_on.isoformat(),
                    "back_months": entry.back_months,
                    "back_fen": entry.back_fen,
                }
            )
        )
    return told.digest()


def _line(content: dict[str, object]) -> bytes:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode() + b"\n"
