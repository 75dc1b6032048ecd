"""What is told of department files and tasks."""

from marshmallow import Schema, fields, validate

from relief.registry.types import BatchStatus, Channel, FileContent
from relief.web.pagination import PageArgs, page_of


class BatchArgs(PageArgs):
    """What the list is narrowed to."""

    scheme = fields.String(load_default=None, validate=validate.Length(max=8))
    status = fields.Enum(BatchStatus, by_value=True, load_default=None)
    channel = fields.Enum(Channel, by_value=True, load_default=None)


class TagOut(Schema):
    """A scheme by code and short name."""

    code = fields.String(required=True)
    name = fields.String(required=True)


class HeldOut(Schema):
    """What a roll would have done when it was held."""

    removed = fields.Integer(required=True, metadata={"description": "people taken off"})
    people = fields.Integer(required=True, metadata={"description": "people on it before"})
    unread = fields.Integer(required=True, metadata={"description": "rows that were rejected"})


class RollDecisionIn(Schema):
    """Whether a held roll is to have its effect."""

    confirm = fields.Boolean(required=True)


class BatchOut(Schema):
    """One department file; received = loaded + rejected."""

    id = fields.UUID(required=True)
    scheme = fields.Nested(TagOut, required=True)
    department_code = fields.String(required=True)
    department_name = fields.String(required=True)
    layout = fields.String(required=True)
    content = fields.Enum(FileContent, by_value=True, required=True)
    channel = fields.Enum(Channel, by_value=True, required=True)
    region_code = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "of which part of the city a roll is the whole; none: of all"},
    )
    file_name = fields.String(required=True)
    status = fields.Enum(BatchStatus, by_value=True, required=True)
    received = fields.Integer(required=True)
    loaded = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    fault = fields.String(required=True, allow_none=True)
    repeats_id = fields.UUID(required=True, allow_none=True)
    data_on = fields.Date(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    created_by = fields.UUID(required=True, allow_none=True)
    merged_at = fields.AwareDateTime(required=True, allow_none=True)
    undone_at = fields.AwareDateTime(required=True, allow_none=True)
    held = fields.Nested(HeldOut, required=True, allow_none=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)
    decided_by = fields.UUID(required=True, allow_none=True)


BatchPageOut = page_of(BatchOut)


class UploadFileIn(Schema):
    """The file of an upload."""

    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


class UploadIn(Schema):
    """What goes with the file: its scheme, where the headings do not tell, and its rows."""

    scheme = fields.String(load_default=None, validate=validate.Length(max=8))
    rows = fields.Integer(
        load_default=None,
        validate=validate.Range(min=0, max=10_000_000),
        metadata={"description": "rows the file should have; with others it is refused whole"},
    )
    region = fields.String(
        load_default=None,
        validate=validate.Regexp(r"[0-9]{12}\Z"),
        metadata={"description": "the part of the city whose whole roll the file is; none: all"},
    )


class RejectedRowOut(Schema):
    """A row that was not loaded, and why."""

    row_number = fields.Integer(required=True)
    column = fields.String(required=True, allow_none=True)
    code = fields.String(required=True)
    reason = fields.String(required=True)


RejectedRowPageOut = page_of(RejectedRowOut)


class TaskOut(Schema):
    """One piece of long work and how far it is."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    status = fields.String(required=True)
    done_steps = fields.Integer(required=True)
    total_steps = fields.Integer(required=True)
    message = fields.String(required=True, allow_none=True)
    result = fields.Dict(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)
