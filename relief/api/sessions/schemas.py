"""What signing in takes and tells."""

from marshmallow import Schema, fields, validate

from relief.accounts.permissions import Permission
from relief.accounts.types import Post, Role, Stage


class SignInIn(Schema):
    """A name, a password, and the code of whoever has a second factor."""

    username = fields.String(required=True, validate=validate.Length(min=1, max=200))
    password = fields.String(
        required=True, validate=validate.Length(min=1, max=1000), load_only=True
    )
    code = fields.String(
        load_default=None,
        load_only=True,
        validate=validate.Length(max=24),
        metadata={"description": "of the second factor, or a recovery code"},
    )


class TokenOut(Schema):
    """A bearer token, told once."""

    token = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True)


class MeOut(Schema):
    """The caller's account."""

    id = fields.UUID(required=True)
    username = fields.String(required=True)
    display_name = fields.String(required=True)
    post = fields.Enum(Post, by_value=True, required=True)
    roles = fields.List(fields.Enum(Role, by_value=True), required=True)
    permissions = fields.List(fields.Enum(Permission, by_value=True), required=True)
    department_code = fields.String(required=True, allow_none=True)
    department_name = fields.String(required=True, allow_none=True)
    stage = fields.Enum(Stage, by_value=True, required=True)
    has_second_factor = fields.Boolean(required=True)


class SessionOut(Schema):
    """One open session of an account."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["cookie", "bearer"]))
    created_at = fields.AwareDateTime(required=True)
    last_seen_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    address = fields.String(required=True, allow_none=True)
    user_agent = fields.String(required=True, allow_none=True)
    current = fields.Boolean(required=True)


class SessionsOut(Schema):
    """All open sessions of an account."""

    items = fields.List(fields.Nested(SessionOut), required=True)
