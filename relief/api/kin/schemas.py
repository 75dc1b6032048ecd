"""What is asked and told of one's close relatives; a number is never told."""

from marshmallow import Schema, fields, validate

_NUMBER = validate.Length(min=15, max=20)
_MOST = 100


class KinRelativeIn(Schema):
    """A close relative."""

    name = fields.String(required=True, validate=validate.Length(min=2, max=80))
    relation = fields.String(
        required=True,
        validate=validate.Regexp(r"\d{2}\Z"),
        metadata={"description": "与本人的关系，GB/T 4761"},
    )
    number = fields.String(
        load_default=None,
        load_only=True,
        validate=_NUMBER,
        metadata={"description": "身份证号；沿用上次备案的号码时不填，改填 keep"},
    )
    keep = fields.UUID(
        load_default=None, metadata={"description": "上次备案中这位亲属的 id，号码沿用"}
    )


class KinFilingIn(Schema):
    """All one's close relatives; an empty list files that there are none (零备案)."""

    own_number = fields.String(
        load_default=None,
        load_only=True,
        validate=_NUMBER,
        metadata={"description": "本人身份证号；备案过的可以不填"},
    )
    relatives = fields.List(
        fields.Nested(KinRelativeIn), required=True, validate=validate.Length(max=_MOST)
    )


class KinRelativeOut(Schema):
    """A close relative as filed."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    relation = fields.String(required=True)


class KinFilingOut(Schema):
    """What one filed last."""

    year = fields.Integer(required=True)
    filed_at = fields.AwareDateTime(required=True)
    relatives = fields.List(fields.Nested(KinRelativeOut), required=True)


class KinFilingStateOut(Schema):
    """What one filed last, if anything, and whether this year's filing is still owed."""

    owed = fields.Boolean(required=True)
    filing = fields.Nested(KinFilingOut, required=True, allow_none=True)
