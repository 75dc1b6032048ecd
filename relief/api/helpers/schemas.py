"""What is asked and told of helpers (帮扶责任人). A telephone is never told in full."""

from marshmallow import Schema, fields, validate

from relief.registry.types import Category
from relief.visits.types import Covered, EndKind
from relief.web.pagination import PageArgs, page_of

_NAME = validate.Length(min=1, max=80)
_WORDS = validate.Length(min=2, max=500)


class HelperSaidIn(Schema):
    """Who it is: the same name and telephone are the same helper."""

    name = fields.String(required=True, validate=_NAME)
    unit = fields.String(required=True, validate=_NAME, metadata={"description": "所在单位"})
    phone = fields.String(required=True, validate=validate.Length(min=7, max=20))


class HelperAssignIn(HelperSaidIn):
    """A helper for a household, added if new."""

    from_on = fields.Date(required=True)
    until_on = fields.Date(load_default=None, metadata={"description": "最后一天；不填：没有期限"})
    first = fields.Boolean(
        load_default=None,
        allow_none=True,
        metadata={"description": "第一联系人；不填：这一户还没有时作为第一联系人"},
    )
    over_reason = fields.String(
        load_default=None,
        allow_none=True,
        validate=_WORDS,
        metadata={
            "description": "超过每名帮扶责任人联系户数上限（参数 helper_households_max）的理由"
        },
    )


class HelperReasonIn(Schema):
    """Why an assignment ends."""

    reason = fields.String(required=True, validate=_WORDS)


class HelperChangeIn(HelperSaidIn):
    """Who the helper is, corrected."""

    version = fields.Integer(required=True)
    username = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=40),
        metadata={"description": "工作人员账号；不填：还没有账号"},
    )


class HelperDepartureIn(Schema):
    """That a helper has left the post."""

    left_on = fields.Date(required=True)
    reason = fields.String(required=True, validate=_WORDS)


class HelperTransferIn(HelperSaidIn):
    """To whom a whole load goes, and what they are to know."""

    notes = fields.String(required=True, validate=validate.Length(min=2, max=2000))
    reason = fields.String(required=True, validate=_WORDS)
    over_reason = fields.String(load_default=None, allow_none=True, validate=_WORDS)


class HelperAssignmentOut(Schema):
    """A helper of a household."""

    id = fields.UUID(required=True)
    helper_id = fields.UUID(required=True)
    name = fields.String(required=True)
    unit = fields.String(required=True)
    phone = fields.String(required=True, metadata={"description": "masked"})
    in_post = fields.Boolean(
        required=True, metadata={"description": "has not left, and the account is not disabled"}
    )
    helps = fields.Boolean(required=True, metadata={"description": "today, and in post"})
    is_first = fields.Boolean(required=True, metadata={"description": "第一联系人"})
    from_on = fields.Date(
        required=True, allow_none=True, metadata={"description": "empty: ended before it began"}
    )
    until_on = fields.Date(required=True, allow_none=True)
    over_reason = fields.String(required=True, allow_none=True)
    notes = fields.String(required=True, allow_none=True)
    made_by = fields.String(required=True)
    made_at = fields.AwareDateTime(required=True)
    ended_by = fields.String(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    end_kind = fields.Enum(EndKind, by_value=True, required=True, allow_none=True)
    end_reason = fields.String(required=True, allow_none=True)


class HouseholdHelpersOut(Schema):
    """The helpers of a household, those of today first."""

    household_id = fields.UUID(required=True)
    items = fields.List(fields.Nested(HelperAssignmentOut), required=True)


class HelperOut(Schema):
    """One helper, and how many households of theirs the reader sees."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    unit = fields.String(required=True)
    phone = fields.String(required=True, metadata={"description": "masked"})
    username = fields.String(required=True, allow_none=True)
    account_disabled = fields.Boolean(required=True)
    left_on = fields.Date(required=True, allow_none=True)
    left_why = fields.String(required=True, allow_none=True)
    households = fields.Integer(required=True)
    version = fields.Integer(required=True)


class HelperTransferredOut(Schema):
    """What became of a load."""

    helper_id = fields.UUID(required=True, metadata={"description": "who has it now"})
    households = fields.Integer(required=True)
    had_already = fields.Integer(
        required=True, metadata={"description": "of these, where the successor helped before"}
    )


class _PlacedOut(Schema):
    id = fields.UUID(required=True)
    number = fields.String(required=True, metadata={"description": "户编号"})
    householder_name = fields.String(required=True)
    region_name = fields.String(required=True)
    address = fields.String(required=True, allow_none=True)
    member_count = fields.Integer(required=True)
    category = fields.Enum(Category, by_value=True, required=True)


class HelperHouseholdOut(_PlacedOut):
    """A household of one helper's load."""

    assignment_id = fields.UUID(required=True)
    is_first = fields.Boolean(required=True)
    from_on = fields.Date(required=True, allow_none=True)
    until_on = fields.Date(required=True, allow_none=True)
    notes = fields.String(required=True, allow_none=True)


HelperHouseholdPageOut = page_of(HelperHouseholdOut)


class HelperCoverageArgs(Schema):
    """Of which region or zone; without: all that the reader sees."""

    region = fields.String(load_default=None, validate=validate.Length(max=12))


class HelperCoverageLineOut(Schema):
    """How the households in aid of a region stand."""

    code = fields.Integer(
        required=True, allow_none=True, metadata={"description": "empty: of no part, or the sum"}
    )
    name = fields.String(required=True, allow_none=True)
    in_aid = fields.Integer(required=True)
    helped = fields.Integer(required=True)
    unhelped = fields.Integer(required=True)
    left = fields.Integer(
        required=True,
        metadata={"description": "of all, where a helper who left or is disabled is still down"},
    )
    share = fields.Float(required=True, allow_none=True, metadata={"description": "helped, 0 to 1"})


class HelperCoverageOut(Schema):
    """The parts of a region and their sum, as of the last count: one every five minutes."""

    lines = fields.List(fields.Nested(HelperCoverageLineOut), required=True)
    total = fields.Nested(HelperCoverageLineOut, required=True)


class HelperCoveredArgs(PageArgs):
    """Which households behind a number."""

    region = fields.String(load_default=None, validate=validate.Length(max=12))
    state = fields.Enum(Covered, by_value=True, load_default=None)


class NamedHelperOut(Schema):
    """A helper who is down at a household today."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    in_post = fields.Boolean(required=True)


class CoveredHouseholdOut(_PlacedOut):
    """A household in aid and its helpers, the first contact first."""

    helpers = fields.List(fields.Nested(NamedHelperOut), required=True)


CoveredHouseholdPageOut = page_of(CoveredHouseholdOut)


class HelperFileIn(Schema):
    """A file after the template, CSV or XLSX."""

    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


class HelperRejectedRowOut(Schema):
    """A row that was not assigned."""

    row = fields.Integer(required=True, metadata={"description": "as a spreadsheet counts it"})
    why = fields.String(required=True)


class HelperFileOut(Schema):
    """What became of a file. received = assigned + rejected."""

    id = fields.UUID(required=True)
    status = fields.String(required=True)
    message = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    received = fields.Integer(required=True)
    assigned = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    rows = fields.List(fields.Nested(HelperRejectedRowOut), required=True)
