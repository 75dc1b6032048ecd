"""What is asked and told of papers."""

from marshmallow import Schema, fields, validate

from relief.review.papers.types import PaperKind


class PaperCheckArgs(Schema):
    """What stands at the foot of a paper."""

    number = fields.String(required=True, validate=validate.Length(min=1, max=60))
    code = fields.String(required=True, validate=validate.Length(min=1, max=60))


class GenuinePaperOut(Schema):
    """That a paper is the platform's: nothing of what it says, and of whom."""

    kind = fields.Enum(PaperKind, by_value=True, required=True)
    number = fields.String(required=True)
    issuer = fields.String(required=True, metadata={"description": "出具单位"})
    issued_at = fields.AwareDateTime(required=True)
