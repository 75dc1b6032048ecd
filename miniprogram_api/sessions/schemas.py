"""What signing in to the mini program takes and tells."""

from marshmallow import Schema, fields, validate


class MiniSignInIn(Schema):
    """What `wx.login` gave the phone."""

    code = fields.String(
        required=True,
        load_only=True,
        validate=[validate.Length(min=1, max=128), validate.Regexp(r"[!-~]+\Z")],
        metadata={"description": "of `wx.login`; good once, for five minutes"},
    )


class MiniTokenOut(Schema):
    """A bearer token, told once."""

    token = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True)
