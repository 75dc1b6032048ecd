"""What is told of accounts, and what it takes to make one."""

from marshmallow import Schema, fields, validate

from relief.accounts.types import Post, Role
from relief.web.pagination import PageArgs, page_of


class AccountArgs(PageArgs):
    """What the list is narrowed to."""

    department = fields.String(load_default=None, validate=validate.Length(max=8))


class AccountIn(Schema):
    """A new account. Its roles are granted afterwards, by another person."""

    username = fields.String(
        required=True, validate=validate.Regexp(r"[A-Za-z0-9][A-Za-z0-9._-]{1,39}\Z")
    )
    display_name = fields.String(required=True, validate=validate.Length(min=1, max=40))
    post = fields.Enum(Post, by_value=True, required=True)
    department_code = fields.String(load_default=None, validate=validate.Length(max=8))
    password = fields.String(
        required=True, load_only=True, validate=validate.Length(min=1, max=1000)
    )


class AccountOut(Schema):
    """One account."""

    id = fields.UUID(required=True)
    username = fields.String(required=True)
    display_name = fields.String(required=True)
    post = fields.Enum(Post, by_value=True, required=True)
    department_code = fields.String(required=True, allow_none=True)
    roles = fields.List(fields.Enum(Role, by_value=True), required=True)
    regions = fields.List(fields.String(), required=True)
    created_at = fields.AwareDateTime(required=True)
    disabled_at = fields.AwareDateTime(required=True, allow_none=True)
    has_second_factor = fields.Boolean(required=True)


class EndSessionsIn(Schema):
    """Which session to end: one, or all."""

    session_id = fields.UUID(load_default=None, allow_none=True)


AccountPageOut = page_of(AccountOut)
