"""What is asked and told of signed lists. Of an applicant the name alone is told."""

from marshmallow import Schema, fields, validate

from relief.review.lists.types import EntryStatus, ListStatus, Reason, StopReason
from relief.web.pagination import PageArgs, page_of

_MOST_FEN = 10**9  # ten million yuan: no scheme of the catalogue gives a hundredth of it


class DecisionListIn(Schema):
    """Which cases are to be drawn, and what each is to be granted."""

    scheme = fields.String(required=True, validate=validate.Length(max=8))
    region = fields.String(
        load_default=None,
        validate=validate.Length(min=1, max=12),
        metadata={"description": "区划或功能区代码；不填：本人全部工作区划"},
    )
    amount_fen = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=0, max=_MOST_FEN),
        metadata={"description": "每份的金额，分"},
    )
    reason = fields.String(
        required=True,
        validate=validate.Length(min=2, max=2000),
        metadata={"description": "同意救助的理由，写入每件的决定"},
    )


class DigestIn(Schema):
    """The digest of the list that was looked at."""

    digest = fields.String(required=True, validate=validate.Regexp(r"(?i)[0-9a-f]{64}\Z"))


class EntryArgs(PageArgs):
    """What the cases of a list are narrowed to."""

    status = fields.Enum(EntryStatus, by_value=True, load_default=None)


class DecisionListOut(Schema):
    """One list, and how far it is."""

    id = fields.UUID(required=True)
    scheme_code = fields.String(required=True)
    scheme_name = fields.String(required=True)
    region = fields.String(required=True, allow_none=True)
    amount_fen = fields.Integer(required=True)
    per = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    digest = fields.String(
        required=True, metadata={"description": "SHA-256 of what stands on it, hexadecimal"}
    )
    status = fields.Enum(ListStatus, by_value=True, required=True)
    stopped_for = fields.Enum(StopReason, by_value=True, required=True, allow_none=True)
    working = fields.Boolean(
        required=True,
        metadata={"description": "signed and not working: the work was given up, resume it"},
    )
    drawn_at = fields.AwareDateTime(required=True)
    signed_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    listed = fields.Integer(required=True)
    left_out = fields.Integer(required=True)
    decided = fields.Integer(required=True)
    not_decided = fields.Integer(required=True)
    earlier = fields.Integer(
        required=True, metadata={"description": "cases that were not at the decision yet"}
    )
    beyond = fields.Integer(
        required=True, metadata={"description": "cases for which there was no more room"}
    )


DecisionListPageOut = page_of(DecisionListOut)


class DecisionDoubtOut(Schema):
    """What there is to look at in a case; an open one keeps it from the list."""

    words = fields.String(required=True)
    open = fields.Boolean(required=True)


class DecisionListEntryOut(Schema):
    """One case of a list, and what became of it."""

    position = fields.Integer(required=True)
    case_id = fields.UUID(required=True)
    number = fields.String(required=True)
    applicant_name = fields.String(required=True, allow_none=True)
    amount_fen = fields.Integer(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(
        required=True, allow_none=True, metadata={"description": "the first day after"}
    )
    doubts = fields.List(fields.Nested(DecisionDoubtOut), required=True)
    status = fields.Enum(EntryStatus, by_value=True, required=True)
    reason = fields.Enum(Reason, by_value=True, required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)
    changed = fields.Boolean(
        required=True, metadata={"description": "since it was drawn: it will not be decided"}
    )


DecisionListEntryPageOut = page_of(DecisionListEntryOut)
