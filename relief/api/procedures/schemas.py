"""What is told of procedures and their drafts, and what may be asked of them."""

from marshmallow import Schema, fields, validate

from relief.schemes.drafting.content import (
    CONFIDENCES,
    LARGEST,
    LENGTHS,
    LONGEST_LIST,
    PAPERS,
    SURVEYED_BY,
)
from relief.schemes.drafting.types import DraftStatus, Kind
from relief.schemes.soundness_rules import Rule
from relief.schemes.types import DayType, Origin, StageKind

LONGEST_REASON = 400
_CODE = validate.Length(min=1, max=40)
_NAME = validate.Length(min=1, max=LENGTHS["name"])
_LIMIT = validate.Range(min=1, max=LARGEST)
_FEW = validate.Length(max=LONGEST_LIST)


class ProcedureHeadSchema(Schema):
    """What is said of the whole: name, total limit and source."""

    name = fields.String(required=True, validate=_NAME)
    total_limit = fields.Integer(required=True, allow_none=True, strict=True, validate=_LIMIT)
    total_day_type = fields.Enum(DayType, by_value=True, required=True, allow_none=True)
    total_from = fields.String(required=True, allow_none=True, validate=_CODE)
    extended_limit = fields.Integer(
        required=True,
        allow_none=True,
        strict=True,
        validate=_LIMIT,
        metadata={"description": "the total once it was extended; null: may not be extended"},
    )
    delegated_limit = fields.Integer(required=True, allow_none=True, strict=True, validate=_LIMIT)
    rolls = fields.Boolean(
        required=True, metadata={"description": "a limit in calendar days ends on a working day"}
    )
    legal = fields.String(
        required=True, allow_none=True, validate=validate.Length(max=LENGTHS["legal"])
    )
    confidence = fields.String(required=True, validate=validate.OneOf(CONFIDENCES))


class ProcedureStageSchema(Schema):
    """One stage; its place is its place in the list."""

    code = fields.String(required=True, validate=validate.Regexp(r"[A-Z][A-Z0-9_]{0,19}\Z"))
    name = fields.String(required=True, validate=_NAME)
    kind = fields.Enum(StageKind, by_value=True, required=True)
    owner = fields.String(required=True, validate=validate.Length(min=1, max=60))
    limit = fields.Integer(required=True, strict=True, validate=validate.Range(min=0, max=LARGEST))
    day_type = fields.Enum(DayType, by_value=True, required=True)
    starts_from = fields.String(
        required=True, validate=_CODE, metadata={"description": "the event that starts the clock"}
    )
    raises = fields.List(fields.String(validate=_CODE), required=True, validate=_FEW)
    after = fields.List(fields.String(validate=_CODE), required=True, validate=_FEW)
    papers = fields.List(
        fields.String(validate=validate.Length(min=1, max=LENGTHS["paper"])),
        required=True,
        validate=validate.Length(max=PAPERS),
        metadata={"description": "what is needed"},
    )
    parallel = fields.Boolean(required=True)
    conceals = fields.Boolean(
        required=True, metadata={"description": "a notice that must not show hardship"}
    )
    investigators = fields.Integer(
        load_default=0,
        strict=True,
        validate=validate.OneOf(SURVEYED_BY),
        metadata={"description": "how many must have been at the home before it may end; 0: none"},
    )
    note = fields.String(
        required=True, allow_none=True, validate=validate.Length(max=LENGTHS["note"])
    )
    confidence = fields.String(required=True, validate=validate.OneOf(CONFIDENCES))


class ProcedureContentSchema(Schema):
    """A whole version. `joint`: scheme → departments of its joint review."""

    head = fields.Nested(ProcedureHeadSchema, required=True)
    stages = fields.List(
        fields.Nested(ProcedureStageSchema),
        required=True,
        validate=validate.Length(min=1, max=LONGEST_LIST),
    )
    joint = fields.Dict(
        keys=fields.String(validate=validate.Length(max=8)),
        values=fields.List(fields.String(validate=validate.Length(max=8)), validate=_FEW),
        required=True,
    )


class ProcedureDraftIn(Schema):
    """Which version to copy: the one that holds on a day; without one, today's."""

    on = fields.Date(load_default=None, allow_none=True)


class _Looked(Schema):
    version = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1, max=2**31 - 1),
        metadata={"description": "of the draft that was looked at"},
    )


class ProcedureEditIn(_Looked):
    """The whole content as it is to be."""

    content = fields.Nested(ProcedureContentSchema, required=True)


class ProcedureProposalIn(_Looked):
    """From when it is to hold, for cases that begin then or later."""

    valid_from = fields.Date(required=True)


class ProcedureReturnIn(_Looked):
    """Why it is sent back."""

    reason = fields.String(required=True, validate=validate.Length(min=2, max=LONGEST_REASON))


class ProcedureSignatureIn(_Looked):
    """The digest of what was looked at."""

    digest = fields.String(required=True, validate=validate.Regexp(r"(?i)[0-9a-f]{64}\Z"))


class ProcedureDiscardIn(_Looked):
    """The draft that was looked at."""


class ProcedureVersionOut(Schema):
    """One version, and who made it; nobody made those of the seeds here."""

    version = fields.Integer(required=True)
    name = fields.String(required=True)
    valid_from = fields.Date(required=True)
    in_force = fields.Boolean(required=True)
    origin = fields.Enum(Origin, by_value=True, required=True)
    proposed_by = fields.String(required=True, allow_none=True)
    signed_by = fields.String(required=True, allow_none=True)
    published_at = fields.AwareDateTime(required=True, allow_none=True)
    digest = fields.String(required=True, allow_none=True)


class ProcedureDraftRowOut(Schema):
    """One draft, without what it says."""

    id = fields.UUID(required=True)
    procedure_code = fields.String(required=True)
    base_version = fields.Integer(required=True)
    status = fields.Enum(DraftStatus, by_value=True, required=True)
    created_by = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    edited_by = fields.String(required=True)
    edited_at = fields.AwareDateTime(required=True)
    valid_from = fields.Date(required=True, allow_none=True)
    proposed_by = fields.String(required=True, allow_none=True)
    proposed_at = fields.AwareDateTime(required=True, allow_none=True)
    returned_reason = fields.String(required=True, allow_none=True)
    closed_by = fields.String(required=True, allow_none=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)
    published_version = fields.Integer(required=True, allow_none=True)
    digest = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "SHA-256, hexadecimal; comes back with a signature"},
    )
    touched = fields.Boolean(
        required=True, metadata={"description": "the reader had a hand in it, and does not sign"}
    )
    version = fields.Integer(required=True)


class ProcedureOut(Schema):
    """One procedure: what holds today, who uses it, and the draft that is not finished."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    in_force = fields.Integer(required=True, allow_none=True)
    versions = fields.Integer(required=True)
    schemes = fields.Function(lambda row: [code for code, _ in row.schemes], required=True)
    draft = fields.Nested(ProcedureDraftRowOut, required=True, allow_none=True)


class ProceduresOut(Schema):
    """All procedures."""

    items = fields.List(fields.Nested(ProcedureOut), required=True)


class ProcedureHistoryOut(Schema):
    """A procedure with all its versions and drafts, the newest first."""

    procedure = fields.Nested(ProcedureOut, required=True)
    versions = fields.List(fields.Nested(ProcedureVersionOut), required=True)
    drafts = fields.List(fields.Nested(ProcedureDraftRowOut), required=True)


class ProcedureChangeOut(Schema):
    """One field with what it was and what it is."""

    field = fields.String(required=True)
    before = fields.Raw(required=True, allow_none=True)
    after = fields.Raw(required=True, allow_none=True)


class StageDifferenceOut(Schema):
    """What became of one stage."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.Enum(Kind, by_value=True, required=True)
    moved = fields.Boolean(required=True)
    changes = fields.List(fields.Nested(ProcedureChangeOut), required=True)


class JointDifferenceOut(Schema):
    """The departments of a scheme's joint review that came and went."""

    scheme = fields.String(required=True)
    added = fields.List(fields.String(), required=True)
    removed = fields.List(fields.String(), required=True)


class ProcedureDifferenceOut(Schema):
    """What a version says otherwise than another, stage by stage."""

    head = fields.List(fields.Nested(ProcedureChangeOut), required=True)
    stages = fields.List(fields.Nested(StageDifferenceOut), required=True)
    joint = fields.List(fields.Nested(JointDifferenceOut), required=True)


class ProcedureFaultOut(Schema):
    """What `relief schemes check` finds, with the rule and where it comes from."""

    place = fields.String(required=True)
    message = fields.String(required=True)
    rule = fields.Enum(Rule, by_value=True, required=True)
    asks = fields.String(required=True)
    source = fields.String(required=True)


class ProcedureVersionDetailOut(Schema):
    """A version, and what it says otherwise than the one before it."""

    row = fields.Nested(ProcedureVersionOut, required=True, data_key="version")
    content = fields.Nested(ProcedureContentSchema, required=True)
    before = fields.Integer(required=True, allow_none=True)
    difference = fields.Nested(ProcedureDifferenceOut, required=True, allow_none=True)


class ProcedureDraftOut(Schema):
    """A draft, what it says otherwise than its base, and its faults."""

    row = fields.Nested(ProcedureDraftRowOut, required=True, data_key="draft")
    content = fields.Nested(ProcedureContentSchema, required=True)
    difference = fields.Nested(ProcedureDifferenceOut, required=True)
    faults = fields.List(fields.Nested(ProcedureFaultOut), required=True)
    superseded = fields.Boolean(
        required=True,
        metadata={"description": "another version than its base holds on its day"},
    )
    next_version = fields.Integer(required=True)
