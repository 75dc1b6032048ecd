"""What is told of objections in the notice period; never who objected."""

from marshmallow import Schema, fields

from relief.review.objecting.types import Channel, InquiryKind, Told


class CaseObjectionOut(Schema):
    """An objection: recorded, answered, told."""

    id = fields.UUID(required=True)
    in_time = fields.Boolean(
        required=True, metadata={"description": "false: came late, kept, and stops nothing"}
    )
    received_on = fields.Date(required=True)
    channel = fields.Enum(Channel, by_value=True, required=True)
    words = fields.String(required=True)
    named = fields.Boolean(
        required=True,
        metadata={"description": "who objected left a name or telephone, which is sealed"},
    )
    recorded_by = fields.String(required=True)
    recorded_at = fields.AwareDateTime(required=True)
    upheld = fields.Boolean(
        required=True, allow_none=True, metadata={"description": "null: not answered yet"}
    )
    answer = fields.String(required=True, allow_none=True)
    answered_by = fields.String(required=True, allow_none=True)
    answered_at = fields.AwareDateTime(required=True, allow_none=True)
    told_how = fields.Enum(Told, by_value=True, required=True, allow_none=True)
    told_note = fields.String(required=True, allow_none=True)
    told_by = fields.String(required=True, allow_none=True)
    told_at = fields.AwareDateTime(required=True, allow_none=True)


class CaseInquiryOut(Schema):
    """A survey anew, or a democratic appraisal."""

    kind = fields.Enum(InquiryKind, by_value=True, required=True)
    reason = fields.String(required=True)
    ordered_by = fields.String(required=True)
    ordered_at = fields.AwareDateTime(required=True)
    held_on = fields.Date(required=True, allow_none=True)
    finding = fields.String(required=True, allow_none=True)
    recorded_by = fields.String(required=True, allow_none=True)
    companion = fields.String(
        required=True, allow_none=True, metadata={"description": "the other investigator"}
    )
    signature = fields.String(required=True, allow_none=True)
    participants = fields.Integer(required=True, allow_none=True)
    recorded_at = fields.AwareDateTime(required=True, allow_none=True)
