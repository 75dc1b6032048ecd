"""What signing in takes and tells."""

from marshmallow import Schema, fields, validate

from relief.accounts.permissions import Permission
from relief.accounts.types import Post, Role


class SignInIn(Schema):
    """A name and a password."""

    username = fields.String(required=True, validate=validate.Length(min=1, max=200))
    password = fields.String(
        required=True, validate=validate.Length(min=1, max=1000), load_only=True
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


class SessionOut(Schema):
    """One open session of the caller."""

    kind = fields.String(required=True, validate=validate.OneOf(["cookie", "bearer"]))
    created_at = fields.AwareDateTime(required=True)
    last_seen_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    address = fields.String(required=True, allow_none=True)
    user_agent = fields.String(required=True, allow_none=True)
    current = fields.Boolean(required=True)


class SessionsOut(Schema):
    """All open sessions of the caller."""

    items = fields.List(fields.Nested(SessionOut), required=True)
