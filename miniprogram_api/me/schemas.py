"""What the mini program knows of its caller."""

from marshmallow import Schema, fields

from relief.bindings.types import MiniRole


class MiniMeOut(Schema):
    """The caller's account: what it may be, and until when it is signed in."""

    roles = fields.List(fields.Enum(MiniRole, by_value=True), required=True)
    agreed_version = fields.Integer(required=True, attribute="agreed")
    expires_at = fields.AwareDateTime(required=True)
