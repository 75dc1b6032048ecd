"""What is told of outside registers: of files and figures, and never of whom they name."""

from marshmallow import Schema, fields, validate

from relief.registers.types import Content, Register, RegisterBatchStatus
from relief.review.checks.resting import Supply
from relief.web.pagination import PageArgs, page_of


class RegisterBatchArgs(PageArgs):
    """What the list of files is narrowed to."""

    register = fields.Enum(Register, by_value=True, load_default=None)


class RegisterBatchOut(Schema):
    """One file of a register; received = loaded + rejected."""

    id = fields.UUID(required=True)
    register = fields.Enum(Register, by_value=True, required=True)
    department_code = fields.String(required=True)
    department_name = fields.String(required=True)
    layout = fields.String(required=True)
    content = fields.Enum(Content, by_value=True, required=True)
    file_name = fields.String(required=True)
    status = fields.Enum(RegisterBatchStatus, by_value=True, required=True)
    received = fields.Integer(required=True)
    loaded = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    fault = fields.String(required=True, allow_none=True)
    repeats_id = fields.UUID(required=True, allow_none=True)
    data_on = fields.Date(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    created_by = fields.UUID(required=True, allow_none=True)
    undone_at = fields.AwareDateTime(required=True, allow_none=True)
    undone_by = fields.UUID(required=True, allow_none=True)


RegisterBatchPageOut = page_of(RegisterBatchOut)


class RestingCheckOut(Schema):
    """A check that finds less without the register, or a scheme whose roster names fewer."""

    code = fields.String(required=True)
    name = fields.String(required=True)


class RegisterOut(Schema):
    """One register, its newest file, and what rests on it."""

    register = fields.Enum(Register, by_value=True, required=True)
    title = fields.String(required=True)
    office = fields.String(required=True, metadata={"description": "whose register it is"})
    department_code = fields.String(
        required=True, metadata={"description": "which of ours receives it"}
    )
    department_name = fields.String(required=True)
    layouts = fields.List(fields.String(), required=True)
    supply = fields.Enum(
        Supply,
        by_value=True,
        required=True,
        metadata={"description": "missing: the checks are silent; partial, stale: unsure"},
    )
    last = fields.Nested(RegisterBatchOut, required=True, allow_none=True)
    age_days = fields.Integer(required=True, allow_none=True)
    due_days = fields.Integer(
        required=True, allow_none=True, metadata={"description": "how old it may be"}
    )
    due_source = fields.String(required=True, allow_none=True)
    entries = fields.Integer(required=True, metadata={"description": "things it holds today"})
    checks = fields.List(fields.Nested(RestingCheckOut), required=True)
    rosters = fields.List(
        fields.Nested(RestingCheckOut),
        required=True,
        metadata={"description": "从它提取名单的救助项目"},
    )


class RegistersOut(Schema):
    """All registers, in the order of their layouts."""

    items = fields.List(fields.Nested(RegisterOut), required=True)


class RegisterFileIn(Schema):
    """The file of an upload."""

    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


class RegisterUploadIn(Schema):
    """What goes with the file: its register, where the headings do not tell, and its rows."""

    register = fields.Enum(Register, by_value=True, load_default=None)
    rows = fields.Integer(
        load_default=None,
        validate=validate.Range(min=0, max=10_000_000),
        metadata={"description": "rows the file should have; with others it is refused whole"},
    )
