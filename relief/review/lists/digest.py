"""The digest of a list: what exactly somebody signed."""

import hashlib
import json
from collections.abc import Iterable

from relief.review.lists.models import DecisionList, DecisionListEntry

_VERDICT = "granted"


def digest_of(drawn: DecisionList, entries: Iterable[DecisionListEntry]) -> bytes:
    """Return the SHA-256 over the list and each case that stands on it.

    One line of JSON (UTF-8, keys sorted, no blanks, ended by a line feed) for the list: its id,
    scheme and reason, `schema` 1. Then one for each case, by position: id, number and version,
    amount in fen, first day and first day after (null: it runs on), verdict. What was left out is
    not signed.
    """
    told = hashlib.sha256()
    told.update(
        _line(
            {
                "schema": 1,
                "list": str(drawn.id),
                "scheme": drawn.scheme_code,
                "reason": drawn.reason,
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
                    "version": entry.case_version,
                    "amount_fen": entry.amount_fen,
                    "from": entry.starts_on.isoformat(),
                    "to": entry.ends_on.isoformat() if entry.ends_on else None,
                    "verdict": _VERDICT,
                }
            )
        )
    return told.digest()


def _line(content: dict[str, object]) -> bytes:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode() + b"\n"
