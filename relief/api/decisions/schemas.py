"""Questions to a steward, the records they are about, and what was decided."""

from marshmallow import Schema, fields, validate

from relief.api.households.schemas import DepartmentListOut, PersonOut, SchemeTagOut
from relief.registry.decisions.acts import LONGEST_REASON
from relief.registry.types import ActKind, LinkRule, ReviewKind, Verdict
from relief.web.pagination import PageArgs, page_of

_MOST_IDENTITIES = 2000
_SEEN = {"description": "as given with what was read; another now means that it has changed"}


class LinkReviewArgs(PageArgs):
    """What the list is narrowed to."""

    closed = fields.Boolean(load_default=False)
    kind = fields.Enum(ReviewKind, by_value=True, load_default=None)
    region = fields.Integer(
        load_default=None,
        validate=validate.Range(min=10**11, max=10**12 - 1),
        metadata={"description": "12-digit code; all below it"},
    )


class LinkReviewOut(Schema):
    """A question whether records speak of the same person."""

    id = fields.UUID(required=True)
    kind = fields.Enum(ReviewKind, by_value=True, required=True)
    region_code = fields.String(required=True)
    person_id = fields.UUID(required=True, allow_none=True)
    person_name = fields.String(required=True, allow_none=True)
    other_id = fields.UUID(required=True, allow_none=True)
    other_name = fields.String(required=True, allow_none=True)
    evidence = fields.Dict(required=True)
    opened_at = fields.AwareDateTime(required=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)


LinkReviewPageOut = page_of(LinkReviewOut)


class CandidateOut(Schema):
    """Someone who may be meant by a record without a number."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    born_on = fields.Date(required=True, allow_none=True)
    region_name = fields.String(required=True)
    address = fields.String(required=True, allow_none=True)
    household_number = fields.String(required=True, allow_none=True)


class ActOut(Schema):
    """One act of a steward. Two people, as they were then; of a split, there was one."""

    act_id = fields.UUID(required=True)
    kind = fields.Enum(ActKind, by_value=True, required=True)
    verdict = fields.Enum(Verdict, by_value=True, required=True)
    person_id = fields.UUID(required=True)
    other_id = fields.UUID(required=True, allow_none=True)
    reason = fields.String(required=True)
    decided_by = fields.UUID(required=True)
    decider = fields.String(required=True)
    decided_at = fields.AwareDateTime(required=True)
    withdrawn_at = fields.AwareDateTime(required=True, allow_none=True)
    withdrawn_reason = fields.String(required=True, allow_none=True)


ActPageOut = page_of(ActOut)


class HomeOut(Schema):
    """A household in which departments list the person today."""

    claim = fields.String(required=True, metadata={"description": "names it in the answer"})
    followed = fields.Boolean(
        required=True,
        metadata={"description": "while the question is open, the registry has the person there"},
    )
    chosen = fields.Boolean(required=True, metadata={"description": "it is what was answered"})
    last_on = fields.Date(required=True, allow_none=True)
    people = fields.Integer(required=True)
    lists = fields.List(fields.Nested(DepartmentListOut), required=True)


class LinkReviewDetailOut(Schema):
    """A question with both people side by side."""

    id = fields.UUID(required=True)
    kind = fields.Enum(ReviewKind, by_value=True, required=True)
    region_code = fields.String(required=True)
    evidence = fields.Dict(required=True)
    opened_at = fields.AwareDateTime(required=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)
    person = fields.Nested(PersonOut, required=True, allow_none=True)
    other = fields.Nested(PersonOut, required=True, allow_none=True)
    candidates = fields.List(fields.Nested(CandidateOut), required=True)
    homes = fields.List(
        fields.Nested(HomeOut),
        required=True,
        metadata={"description": "where the question is in which household someone lives"},
    )
    alike = fields.Dict(
        keys=fields.String(),
        values=fields.Boolean(allow_none=True),
        required=True,
        metadata={"description": "whether both have the same, also of what is masked"},
    )
    seen = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "for the decision; null where it is not the caller's to make"},
    )
    answer = fields.Nested(ActOut, required=True, allow_none=True)


class _ReasonIn(Schema):
    reason = fields.String(required=True, validate=validate.Length(min=4, max=LONGEST_REASON))


class LinkVerdictIn(_ReasonIn):
    """The answer to a question."""

    verdict = fields.Enum(
        Verdict,
        by_value=True,
        required=True,
        validate=validate.OneOf([Verdict.SAME, Verdict.DIFFERENT]),
    )
    seen = fields.String(required=True, metadata=_SEEN)
    candidate_id = fields.UUID(
        load_default=None, metadata={"description": "who is the same, where several may be"}
    )


class HomeIn(_ReasonIn):
    """Where someone lives."""

    claim = fields.String(required=True, validate=validate.Length(min=1, max=60))
    seen = fields.String(required=True, metadata=_SEEN)


class DescriptionOut(Schema):
    """One source identity of a person."""

    id = fields.UUID(required=True)
    scheme = fields.Nested(SchemeTagOut, required=True)
    department_name = fields.String(required=True)
    file_name = fields.String(required=True)
    data_on = fields.Date(required=True, allow_none=True)
    name = fields.String(required=True)
    born_on = fields.Date(required=True, allow_none=True)
    has_number = fields.Boolean(required=True)
    own_number = fields.Boolean(required=True)
    address = fields.String(required=True, allow_none=True)
    household_number = fields.String(required=True, allow_none=True)
    relation = fields.String(required=True, allow_none=True)
    rule = fields.Enum(LinkRule, by_value=True, required=True)
    records = fields.Integer(required=True)


class DescriptionsOut(Schema):
    """All that is said of a person, and the version that a split or merge must name."""

    rows = fields.List(fields.Nested(DescriptionOut), required=True)
    seen = fields.String(required=True)


class SplitIn(_ReasonIn):
    """Which records are someone else's."""

    identities = fields.List(
        fields.UUID(), required=True, validate=validate.Length(min=1, max=_MOST_IDENTITIES)
    )
    seen = fields.String(required=True, metadata=_SEEN)


class MergeIn(_ReasonIn):
    """Who is the same person; the one in the address is who stays."""

    other_id = fields.UUID(required=True)
    seen = fields.String(required=True, metadata=_SEEN)
    other_seen = fields.String(required=True, metadata=_SEEN)


class WithdrawalIn(_ReasonIn):
    """Why an act is taken back."""


class ActDoneOut(Schema):
    """An act that was done, or taken back."""

    id = fields.UUID(required=True)
    kind = fields.Enum(ActKind, by_value=True, required=True)
    verdict = fields.Enum(Verdict, by_value=True, required=True)
    person_id = fields.UUID(required=True)
    other_id = fields.UUID(required=True, allow_none=True)
