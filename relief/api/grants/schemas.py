"""What is told of a grant that two persons decide, and what the second says."""

from marshmallow import Schema, fields, validate

from relief.accounts.types import GrantKind


class GrantOut(Schema):
    """One proposal."""

    id = fields.UUID(required=True)
    account_id = fields.UUID(required=True)
    account_name = fields.String(required=True)
    kind = fields.Enum(GrantKind, by_value=True, required=True)
    what = fields.String(
        required=True, metadata={"description": "role, or code of a region or zone, or empty"}
    )
    proposed_by = fields.UUID(required=True)
    proposer_name = fields.String(required=True)
    proposed_at = fields.AwareDateTime(required=True)
    decided_by = fields.UUID(required=True, allow_none=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)
    approved = fields.Boolean(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class GrantsOut(Schema):
    """Every proposal that waits, oldest first."""

    items = fields.List(fields.Nested(GrantOut), required=True)


class GrantDecisionIn(Schema):
    """The second person's answer."""

    approve = fields.Boolean(required=True)
    reason = fields.String(required=True, validate=validate.Length(min=2, max=200))
