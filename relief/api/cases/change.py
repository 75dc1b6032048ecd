"""What is told of what a case granted, and of what became of it."""

from marshmallow import Schema, fields

from relief.review.changing.types import ChangeKind, ChangeState, Excuse, ServedBy


class CaseEntitlementOut(Schema):
    """What was granted, from a day up to and without another."""

    id = fields.UUID(required=True)
    amount_fen = fields.Integer(required=True)
    per = fields.String(required=True, allow_none=True)
    starts_on = fields.Date(
        required=True, allow_none=True, metadata={"description": "null: it never ran"}
    )
    ends_on = fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "the first day without it; null: until it is ended"},
    )
    closed = fields.Boolean(
        required=True, metadata={"description": "ended by a decision before its time"}
    )


class EntitlementChangeOut(Schema):
    """A reduction or stop: proposed, served, heard, decided."""

    id = fields.UUID(required=True)
    state = fields.Enum(ChangeState, by_value=True, required=True)
    kind = fields.Enum(ChangeKind, by_value=True, required=True)
    amount_fen = fields.Integer(required=True, allow_none=True)
    reason = fields.String(required=True)
    legal = fields.String(required=True)
    excuse = fields.Enum(
        Excuse,
        by_value=True,
        required=True,
        allow_none=True,
        metadata={"description": "why nobody need be heard"},
    )
    excuse_proof = fields.String(required=True, allow_none=True)
    proposed_by = fields.String(required=True)
    proposed_at = fields.AwareDateTime(required=True)
    served_on = fields.Date(required=True, allow_none=True)
    served_by = fields.Enum(ServedBy, by_value=True, required=True, allow_none=True)
    proof = fields.String(required=True, allow_none=True)
    answer_by = fields.Date(required=True, allow_none=True)
    answer_provisional = fields.Boolean(
        required=True, metadata={"description": "a calendar still to come may move it"}
    )
    heard_at = fields.AwareDateTime(required=True, allow_none=True)
    views = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "null once heard: no answer came"},
    )
    decided_by = fields.String(required=True, allow_none=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)
    decision = fields.String(required=True, allow_none=True)
    effective_on = fields.Date(required=True, allow_none=True)
