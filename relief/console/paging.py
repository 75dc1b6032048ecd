"""Links to the next and the previous page of a list that goes by cursor.

A cursor only goes forward, so the address carries the cursors of the last pages too.
"""

from typing import Any

from flask import request, url_for

PAGE_SIZE = 50
_KEPT = 12
_FIRST = "-"
_BETWEEN = "~"


def links(next_cursor: str | None, **keep: Any) -> dict[str, str | None]:
    """Return the addresses `newer` and `older` of the present view; None where there is none.

    `keep`: what else of the address both must carry.
    """
    cursor = request.args.get("cursor") or _FIRST
    trail = [part for part in request.args.get("trail", "").split(_BETWEEN) if part]
    endpoint, values = request.endpoint or "", {**(request.view_args or {}), **keep}
    newer = older = None
    if cursor != _FIRST:
        back, before = (trail[-1], trail[:-1]) if trail else (_FIRST, [])
        newer = url_for(endpoint, **values, **_place(back, before))
    if next_cursor:
        older = url_for(endpoint, **values, **_place(next_cursor, [*trail, cursor][-_KEPT:]))
    return {"newer": newer, "older": older}


def cursor() -> str | None:
    """Return where the page asked for begins; None: at the first row."""
    given = request.args.get("cursor")
    return None if given in {None, "", _FIRST} else given


def _place(where: str, trail: list[str]) -> dict[str, Any]:
    if where == _FIRST:
        return {}
    return {"cursor": where, "trail": _BETWEEN.join(trail) or None}
