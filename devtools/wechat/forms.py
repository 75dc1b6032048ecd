"""The forms of what the control API is told."""

from collections.abc import Mapping
from typing import Any, Final

from flask import request
from marshmallow import Schema, fields, validate

from devtools.wechat.events import MODES, SAFE, SHAPES, WRONG
from devtools.wechat.faults import EVERY_PATH, Cut

_LONGEST_DELAY: Final = 120
_MOST_TIMES: Final = 20
_SUGGESTIONS: Final = ("pass", "review", "risky")
Given = Mapping[str, Any]

_Fields = dict[str, fields.Field[Any]]
_HOW: Final[_Fields] = {
    "times": fields.Integer(validate=validate.Range(1, _MOST_TIMES)),
    "shape": fields.String(validate=validate.OneOf(SHAPES)),
    "time_as_text": fields.Boolean(),
    "wrong": fields.String(validate=validate.OneOf(WRONG)),
}
_WHOLE = validate.Range(min=0)
_FIELDS: Final[Mapping[str, _Fields]] = {
    "reset": {"seed": fields.Integer(load_default=None, allow_none=True)},
    "person": {
        "openid": fields.String(validate=validate.Length(1, 64)),
        "unionid": fields.String(),
        "risky": fields.Boolean(),
        "risk_rank": fields.Integer(validate=validate.Range(0, 4)),
        "home": fields.String(),  # the AppID that the openid belongs to
    },
    "phone": {
        "phone": fields.String(required=True, validate=validate.Regexp(r"\d{5,15}\Z")),
        "country": fields.String(load_default="86", validate=validate.Regexp(r"\d{1,4}\Z")),
        "appid": fields.String(load_default=""),
    },
    "seen": {"seconds_ago": fields.Integer(load_default=0, validate=_WHOLE)},
    "template": {
        "fields": fields.List(fields.String(), required=True, validate=validate.Length(1)),
        "long_term": fields.Boolean(load_default=False),
        "enums": fields.Dict(fields.String(), fields.List(fields.String()), load_default=dict),
    },
    "subscription": {
        "openid": fields.String(required=True),
        "template_id": fields.String(required=True),
        "add": fields.Integer(),
        "left": fields.Integer(validate=_WHOLE),
        "banned": fields.Boolean(),
    },
    "word": {
        "word": fields.String(required=True, validate=validate.Length(1)),
        "suggest": fields.String(required=True, validate=validate.OneOf(_SUGGESTIONS)),
        "label": fields.Integer(load_default=21000),
    },
    "list": {"items": fields.List(fields.String(), required=True, allow_none=True)},
    "limit": {
        "path": fields.String(required=True),
        "minute": fields.Integer(allow_none=True, load_default=None, validate=_WHOLE),
        "day": fields.Integer(allow_none=True, load_default=None, validate=_WHOLE),
    },
    "fault": {
        "path": fields.String(load_default=EVERY_PATH),
        "times": fields.Integer(load_default=1, allow_none=True, validate=validate.Range(1)),
        "delay_seconds": fields.Float(validate=validate.Range(0, _LONGEST_DELAY)),
        "errcode": fields.Integer(),
        "errmsg": fields.String(),
        "status": fields.Integer(validate=validate.Range(200, 599)),
        "text": fields.String(),
        "cut": fields.Enum(Cut, by_value=True),
        "done": fields.Boolean(),
    },
    "verdict": {
        "suggest": fields.String(required=True, validate=validate.OneOf(_SUGGESTIONS)),
        "label": fields.Integer(load_default=21000),
        "times": fields.Integer(load_default=1, validate=validate.Range(1, 1000)),
    },
    "origin": {
        "public": fields.String(required=True, validate=validate.Regexp(r"https?://.+/\Z")),
        "here": fields.String(required=True, validate=validate.Regexp(r"http://.+/\Z")),
    },
    "callback": {
        "url": fields.String(required=True, validate=validate.Regexp(r"http://.+")),
        "mode": fields.String(load_default=SAFE, validate=validate.OneOf(MODES)),
        "token": fields.String(required=True, validate=validate.Regexp(r"[0-9A-Za-z]{3,32}\Z")),
        "aes_key": fields.String(
            load_default="", validate=validate.Regexp(r"(?:[0-9A-Za-z]{43})?\Z")
        ),
        "automatic": fields.Boolean(load_default=False),
        "verify": fields.Boolean(load_default=True),
    },
    "push": {
        "event": fields.String(required=True, validate=validate.Length(1)),
        "openid": fields.String(required=True),
        "content": fields.Dict(fields.String(), load_default=dict),
        "items": fields.List(fields.Dict(fields.String(), fields.String()), load_default=list),
        **_HOW,
    },
    "deliver": _HOW,
    "answers": {
        "answers": fields.Dict(
            fields.String(),
            fields.String(validate=validate.OneOf(("accept", "reject", "ban"))),
            required=True,
            validate=validate.Length(1, 3),
        )
    },
    "turned_off": {
        "templates": fields.List(fields.String(), required=True, validate=validate.Length(1))
    },
    "call": {
        "group": fields.String(required=True),
        "nonce": fields.String(required=True, validate=validate.Length(1, 127)),
        "timestamp": fields.String(required=True, validate=validate.Regexp(r"\d{10}\Z")),
        "signature": fields.String(required=True),
    },
    "profile": {"content": fields.Dict(fields.String(), load_default=dict)},
    "clock": {"advance_seconds": fields.Float(required=True, validate=_WHOLE)},
}
_FORMS: Final = {
    name: Schema.from_dict(content, name=name.title())() for name, content in _FIELDS.items()
}


def read(form: str) -> Given:
    """Return the body of the request of now. Raises ValidationError."""
    given = request.get_json(force=True) if request.get_data().strip() else {}
    loaded: Given = _FORMS[form].load(given)
    return loaded
