"""Refuses text that no database can keep: NUL, and halves of characters.

They come from broken programs and from scanners; nobody types them. Left alone they are an
error of the system in whatever statement they reach.
"""

import re
from collections.abc import Iterator
from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest

_NO_TEXT = re.compile(r"[\x00\ud800-\udfff]")


def keepable(value: Any) -> bool:
    r"""Tell whether a value read from JSON, or a text, holds only text that can be kept.

    >>> keepable({"a": ["b", 1]}), keepable({"a": ["\x00"]}), keepable("\ud800")
    (True, False, False)
    """
    return not any(_NO_TEXT.search(text) for text in _texts(value))


def refuse_unkeepable() -> None:
    """Refuse a request whose address or form holds such text; JSON is read by its parser."""
    for values in (request.view_args or {}, request.args.to_dict(flat=False)):
        if not keepable(values):
            raise BadRequest
    if not (request.is_json or keepable(request.form.to_dict(flat=False))):
        raise BadRequest


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _texts(name)
            yield from _texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member)
