"""What binding oneself takes and tells."""

from marshmallow import Schema, fields, validate

from relief.bindings.types import MiniRole

_CODE = [validate.Length(min=1, max=128), validate.Regexp(r"[!-~]+\Z")]


class HouseholdBindingIn(Schema):
    """The scene of the paper's code, and what the phone button gave."""

    scene = fields.String(
        required=True,
        load_only=True,
        validate=[validate.Length(min=1, max=32), validate.Regexp(r"[!-~]+\Z")],
    )
    phone_code = fields.String(
        required=True,
        load_only=True,
        validate=_CODE,
        metadata={"description": "of the phone button (getPhoneNumber); good once, five minutes"},
    )


class HelperBindingIn(Schema):
    """The code that the helper's staff account shows."""

    code = fields.String(required=True, load_only=True, validate=_CODE)


class BoundOut(Schema):
    """What the account is bound as now."""

    role = fields.Enum(MiniRole, by_value=True, required=True)
