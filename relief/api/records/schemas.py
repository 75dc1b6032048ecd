"""What departments' systems send record by record, and what they are told."""

from marshmallow import Schema, fields, validate

from relief.registry.types import BatchStatus, LinkRule

MOST_ROWS = 100
_CELL = validate.Length(max=500)
_COLUMNS = validate.Length(min=1, max=60)


class RecordsIn(Schema):
    """Records of one scheme."""

    scheme = fields.String(required=True, validate=validate.Length(max=8))
    rows = fields.List(
        fields.Dict(
            keys=fields.String(validate=validate.Length(min=1, max=60)),
            values=fields.String(validate=_CELL),
            validate=_COLUMNS,
        ),
        required=True,
        validate=validate.Length(min=1, max=MOST_ROWS),
        metadata={
            "description": "each a text under each heading of the scheme's layout, as in a file;"
            " numbers too are texts, or long ones would lose digits"
        },
    )


class RejectedRecordOut(Schema):
    """A record that was not loaded, and why."""

    row = fields.Integer(
        required=True, metadata={"description": "which of the records sent, from 1"}
    )
    column = fields.String(required=True, allow_none=True)
    code = fields.String(required=True)
    reason = fields.String(required=True)


class LinkedRecordOut(Schema):
    """Whom a record speaks of."""

    row = fields.Integer(
        required=True, metadata={"description": "which of the records sent, from 1"}
    )
    person_id = fields.UUID(required=True)
    household_id = fields.UUID(required=True)
    rule = fields.Enum(LinkRule, by_value=True, required=True)


class RecordsOut(Schema):
    """How the records fared; received = loaded + the number rejected."""

    batch_id = fields.UUID(required=True)
    status = fields.Enum(BatchStatus, by_value=True, required=True)
    received = fields.Integer(required=True)
    loaded = fields.Integer(required=True)
    merged = fields.Boolean(
        required=True,
        metadata={
            "description": "they are in the registry; else they are kept, and will be in it when"
            " the worker has merged them"
        },
    )
    rejected = fields.List(fields.Nested(RejectedRecordOut), required=True)
    links = fields.List(fields.Nested(LinkedRecordOut), required=True)
    questions = fields.Integer(
        required=True, metadata={"description": "how many questions to stewards they opened"}
    )
