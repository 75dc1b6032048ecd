"""What is told of the audit trail."""

from marshmallow import Schema, fields, validate

from relief.api.households.schemas import ChangeOut
from relief.web.pagination import PageArgs, page_of


class EventArgs(PageArgs):
    """What the trail is narrowed to."""

    actor_id = fields.UUID(load_default=None)
    subject_type = fields.String(load_default=None, validate=validate.Length(max=40))
    subject_id = fields.UUID(load_default=None)
    action = fields.String(load_default=None, validate=validate.Length(max=80))
    since = fields.AwareDateTime(load_default=None)
    until = fields.AwareDateTime(load_default=None)


class EventOut(Schema):
    """One event."""

    id = fields.UUID(required=True)
    occurred_at = fields.AwareDateTime(required=True)
    actor_id = fields.UUID(required=True, allow_none=True)
    action = fields.String(required=True)
    subject_type = fields.String(required=True)
    subject_id = fields.UUID(required=True)
    request_id = fields.String(required=True, allow_none=True)
    details = fields.Dict(required=True)
    region_code = fields.String(required=True, allow_none=True)


EventPageOut = page_of(EventOut)


class RecordTrailOut(Schema):
    """What was done to one record: a page of events, and the newest changes of its values."""

    events = fields.Nested(EventPageOut, required=True)
    changes = fields.List(fields.Nested(ChangeOut), required=True)


class SealStateOut(Schema):
    """How far the trail is sealed, anchored and checked."""

    last_seq = fields.Integer(required=True, allow_none=True)
    sealed_at = fields.AwareDateTime(required=True, allow_none=True)
    waiting = fields.Integer(required=True)
    lag_seconds = fields.Float(required=True)
    anchored_at = fields.AwareDateTime(required=True, allow_none=True)
    anchored_seq = fields.Integer(required=True, allow_none=True)
    checked_at = fields.AwareDateTime(required=True, allow_none=True)
    whole = fields.Boolean(required=True, allow_none=True)
    finding = fields.Dict(required=True, allow_none=True)
