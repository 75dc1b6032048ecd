"""What is asked and told of the checks in a case: names, codes, counts and days; never a number."""

from marshmallow import Schema, fields, validate

from relief.core.findings import Grade
from relief.registers.types import Register
from relief.review.checks.types import SignedBy, Verdict


class AuthorisationIn(Schema):
    """That someone of the family signed an authorisation to check (核对授权书)."""

    person_id = fields.UUID(required=True)
    signed_on = fields.Date(required=True)
    signed_by = fields.Enum(SignedBy, by_value=True, load_default=SignedBy.ONESELF)


class AuthorisationsIn(Schema):
    """Authorisations that came after the application."""

    authorisations = fields.List(
        fields.Nested(AuthorisationIn), required=True, validate=validate.Length(min=1, max=50)
    )


class FindingAnswerIn(Schema):
    """What verifying a doubt came to, and how it is known."""

    verdict = fields.Enum(
        Verdict,
        by_value=True,
        required=True,
        metadata={
            "description": "unfounded 疑点排除；settled 属实，已经处理；confirmed 属实，不符合条件"
        },
    )
    reason = fields.String(required=True, validate=validate.Length(min=2, max=2000))


class FindingOut(Schema):
    """What a check found, with its evidence."""

    id = fields.UUID(required=True)
    check = fields.String(required=True)
    name = fields.String(required=True)
    grade = fields.Enum(Grade, by_value=True, required=True)
    message = fields.String(required=True)
    evidence = fields.Dict(required=True)
    rule = fields.String(required=True, metadata={"description": "依据"})
    mend = fields.String(required=True, metadata={"description": "怎样改正或核实"})
    owner = fields.String(required=True, metadata={"description": "由谁核实或改正"})
    found_at = fields.AwareDateTime(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    due_provisional = fields.Boolean(
        required=True, metadata={"description": "a calendar still to come may move it"}
    )
    gone_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "a later look found it no more"}
    )
    verdict = fields.Enum(Verdict, by_value=True, required=True, allow_none=True)
    answer = fields.String(required=True, allow_none=True)
    answered_by = fields.String(required=True, allow_none=True)
    answered_at = fields.AwareDateTime(required=True, allow_none=True)
    waits = fields.Boolean(
        required=True, metadata={"description": "it holds a grant, and may be answered"}
    )


class AuthorisationOut(Schema):
    """That someone of the family signed."""

    person_id = fields.UUID(required=True)
    name = fields.String(required=True)
    signed_on = fields.Date(required=True)
    signed_by = fields.Enum(SignedBy, by_value=True, required=True)
    recorded_by = fields.String(required=True)
    recorded_at = fields.AwareDateTime(required=True)


class AskedRegisterOut(Schema):
    """A register that a check asks."""

    register = fields.Enum(Register, by_value=True, required=True)
    title = fields.String(required=True)
    data_on = fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "of the newest file there was then; null: there was none"},
    )


class RanCheckOut(Schema):
    """A check that was run."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    source = fields.String(required=True, metadata={"description": "依据"})
    findings = fields.Integer(required=True, metadata={"description": "so many stood then"})
    silent = fields.Boolean(
        required=True,
        metadata={"description": "it found nothing since a register that it asks never came"},
    )
    registers = fields.List(fields.Nested(AskedRegisterOut), required=True)


class RanChecksOut(Schema):
    """The checks of the last look at a case; of the decision, once there is one."""

    at = fields.AwareDateTime(required=True)
    checks = fields.List(fields.Nested(RanCheckOut), required=True)


class ChecksOut(Schema):
    """All findings of a case, what holds first, its authorisations, and which checks were run."""

    findings = fields.List(fields.Nested(FindingOut), required=True)
    authorisations = fields.List(fields.Nested(AuthorisationOut), required=True)
    ran = fields.Nested(RanChecksOut, required=True)
