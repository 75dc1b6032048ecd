"""What a request to see a person unmasked takes and tells."""

from marshmallow import Schema, fields, validate

from relief.registry.purposes import LONGEST_REMARK
from relief.web.pagination import PageArgs, page_of


class AccessRequestArgs(PageArgs):
    """What the list is narrowed to."""

    waiting = fields.Boolean(load_default=False)


class AccessRequestIn(Schema):
    """Whom to see, and what for."""

    person_id = fields.UUID(required=True)
    purpose = fields.String(
        required=True,
        validate=validate.Length(max=20),
        metadata={"description": "查询目的，取自代码表 purpose"},
    )
    remark = fields.String(load_default=None, validate=validate.Length(max=LONGEST_REMARK))


class DecisionIn(Schema):
    """A second person's answer."""

    approve = fields.Boolean(required=True)
    reason = fields.String(required=True, validate=validate.Length(min=2, max=200))


class AccessRequestOut(Schema):
    """One request."""

    id = fields.UUID(required=True)
    person_id = fields.UUID(required=True)
    person_name = fields.String(required=True)
    region_code = fields.String(required=True)
    purpose = fields.String(required=True)
    asked_by = fields.UUID(required=True)
    asked_at = fields.AwareDateTime(required=True)
    decided_by = fields.UUID(required=True, allow_none=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)
    approved = fields.Boolean(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


AccessRequestPageOut = page_of(AccessRequestOut)
