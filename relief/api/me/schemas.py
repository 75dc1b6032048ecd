"""What one tells and is told of one's own password and second factor."""

from marshmallow import Schema, fields, validate

_SHORT = validate.Length(min=1, max=24)
_PASSWORD = validate.Length(min=1, max=1000)


class PasswordIn(Schema):
    """The password that counts now, and the one that is to."""

    present = fields.String(required=True, load_only=True, validate=_PASSWORD)
    password = fields.String(required=True, load_only=True, validate=_PASSWORD)


class ProofIn(Schema):
    """A code, or the password of an account that has no second factor."""

    proof = fields.String(required=True, load_only=True, validate=_PASSWORD)


class CodeIn(Schema):
    """A code that the device shows."""

    code = fields.String(required=True, load_only=True, validate=_SHORT)


class DeviceKeyOut(Schema):
    """The key for the device, as text and as the address for a QR code."""

    secret = fields.String(required=True)
    uri = fields.String(required=True)


class RecoveryCodesOut(Schema):
    """Codes that stand in for the device, each once; told this once."""

    recovery_codes = fields.List(fields.String(), required=True)
