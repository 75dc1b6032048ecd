"""Links to the next and the previous page of a list that goes by cursor.

A cursor only goes forward, so the address carries the cursors of the last pages too.
"""

from typing import Any

from flask import request, url_for

PAGE_SIZE = 50
_KEPT = 12
_FIRST = "-"
_BETWEEN = "~"
_OPENED = ("GET", "HEAD")


def links(
    next_cursor: str | None, *, of: str | None = None, endpoint: str | None = None, **keep: Any
) -> dict[str, str | None]:
    """Return the addresses `newer` and `older` of the present view; None where there is none.

    `of`: which list, where a page has several, each with a place of its own. `endpoint`: the view
    that lists, where an act shows it too. `keep`: what else of the address both must carry. A page
    that says why a form was refused has neither, unless `endpoint` says where: its own address
    takes forms alone.
    """
    if endpoint is None and request.method not in _OPENED:
        return {"newer": None, "older": None}
    at, way = _names(of)
    cursor = request.args.get(at) or _FIRST
    trail = [part for part in request.args.get(way, "").split(_BETWEEN) if part]
    # What an act is about is no part of the list that it shows.
    about = {} if endpoint else request.view_args or {}
    endpoint, values = endpoint or request.endpoint or "", {**about, **keep}
    newer = older = None
    if cursor != _FIRST:
        back, before = (trail[-1], trail[:-1]) if trail else (_FIRST, [])
        newer = url_for(endpoint, **values, **_place(back, before, of))
    if next_cursor:
        older = url_for(endpoint, **values, **_place(next_cursor, [*trail, cursor][-_KEPT:], of))
    return {"newer": newer, "older": older}


def cursor(of: str | None = None) -> str | None:
    """Return where the page asked for begins; None: at the first row."""
    given = request.args.get(_names(of)[0])
    return None if given in {None, "", _FIRST} else given


def place(of: str | None = None) -> dict[str, Any]:
    """Return where a list of the page stands, for the links of another list to keep."""
    return {name: request.args.get(name) or None for name in _names(of)}


def _place(where: str, trail: list[str], of: str | None) -> dict[str, Any]:
    if where == _FIRST:
        return {}
    return dict(zip(_names(of), (where, _BETWEEN.join(trail) or None), strict=True))


def _names(of: str | None) -> tuple[str, str]:
    """Return what the address calls the place of a list, and the way there."""
    return (f"{of}_cursor", f"{of}_trail") if of else ("cursor", "trail")
