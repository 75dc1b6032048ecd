"""The privacy policy, and agreeing to it."""

from marshmallow import Schema, fields


class PolicyOut(Schema):
    """The version of the privacy policy that holds today."""

    version = fields.Integer(required=True)
    title = fields.String(required=True)
    text = fields.String(required=True)
    valid_from = fields.Date(required=True)


class AgreementIn(Schema):
    """Which version was read and is agreed to."""

    version = fields.Integer(required=True, strict=True)


class AgreementOut(Schema):
    """Which version holds for the account."""

    version = fields.Integer(required=True)
