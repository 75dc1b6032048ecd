"""Codes and bindings of the mini program, for staff."""

from marshmallow import Schema, fields, validate

from relief.bindings.queries import CodeState
from relief.bindings.types import STAFF_ENDINGS, Ending


class HouseholdCodeOut(Schema):
    """A code to print, told once."""

    id = fields.UUID(required=True)
    scene = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True)
    picture = fields.String(required=True, metadata={"description": "QR code in base64"})


class HouseholdCodeRowOut(Schema):
    """A code that was issued."""

    id = fields.UUID(required=True)
    issued_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    state = fields.Enum(CodeState, by_value=True, required=True)


class HouseholdBindingRowOut(Schema):
    """A member whose phone is or was bound."""

    id = fields.UUID(required=True)
    person_id = fields.UUID(required=True)
    name = fields.String(required=True)
    bound_at = fields.AwareDateTime(required=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    ending = fields.Enum(Ending, by_value=True, required=True, allow_none=True)


class HouseholdBindingsOut(Schema):
    """A household's codes and bindings, the newest first."""

    codes = fields.List(fields.Nested(HouseholdCodeRowOut), required=True)
    bindings = fields.List(fields.Nested(HouseholdBindingRowOut), required=True)


class BindingEndIn(Schema):
    """Why a member's phone is bound no more."""

    ending = fields.Enum(
        Ending, by_value=True, required=True, validate=validate.OneOf(STAFF_ENDINGS)
    )
    remark = fields.String(load_default=None, validate=validate.Length(max=200))


class BindingEndOut(Schema):
    """The binding that ended."""

    id = fields.UUID(required=True)
    ending = fields.Enum(Ending, by_value=True, required=True)


class HelperCodeOut(Schema):
    """A helper's code, told once."""

    code = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True)
