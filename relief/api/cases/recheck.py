"""What is told of re-checks."""

from marshmallow import Schema, fields

from relief.review.rechecking.types import Every, Found


class CaseRecheckOut(Schema):
    """A re-check that is to be done by a day, or was done."""

    every = fields.Enum(Every, by_value=True, required=True)
    due_on = fields.Date(required=True)
    done_at = fields.AwareDateTime(required=True, allow_none=True)
    done_by = fields.String(required=True, allow_none=True)
    found = fields.Enum(Found, by_value=True, required=True, allow_none=True)
    finding = fields.String(required=True, allow_none=True)
