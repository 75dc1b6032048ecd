"""What is told of the extension of a case."""

from marshmallow import Schema, fields


class CaseExtensionOut(Schema):
    """The extension of a case: who asked, who answered."""

    stage_code = fields.String(required=True)
    department_code = fields.String(required=True)
    days = fields.Integer(
        required=True, metadata={"description": "more than the usual limit, in its unit"}
    )
    reason = fields.String(required=True)
    asked_by = fields.String(required=True)
    asked_at = fields.AwareDateTime(required=True)
    agreed = fields.Boolean(
        required=True, allow_none=True, metadata={"description": "null: not answered yet"}
    )
    answered_by = fields.String(required=True, allow_none=True)
    answered_at = fields.AwareDateTime(required=True, allow_none=True)
    answer = fields.String(required=True, allow_none=True)
