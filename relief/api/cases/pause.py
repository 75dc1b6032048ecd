"""What is told of how long the clocks of a case stood."""

from marshmallow import Schema, fields


class PauseSumOut(Schema):
    """For how many days the clock of an open stage stood for a reason, of how many that it may."""

    stage_code = fields.String(required=True)
    stage_name = fields.String(required=True)
    reason_code = fields.String(required=True)
    reason = fields.String(required=True)
    days = fields.Integer(required=True)
    most = fields.Integer(
        required=True, metadata={"description": "of all waits for the reason in one stage"}
    )
    source = fields.String(required=True)
