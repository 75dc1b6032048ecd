"""What is asked and told of cases. Of the applicant the name alone is told."""

from marshmallow import Schema, fields, validate

from relief.accounts.types import Role
from relief.api.applications.schemas import CorrectionIn
from relief.api.cases.change import CaseEntitlementOut, EntitlementChangeOut
from relief.api.cases.enclosure import CaseEnclosureOut
from relief.api.cases.extension import CaseExtensionOut
from relief.api.cases.fact_schemas import FactsFoundOut
from relief.api.cases.known_before import KnownBeforeOut
from relief.api.cases.mandate import CaseMandateOut, MandateIn
from relief.api.cases.objection import CaseInquiryOut, CaseObjectionOut
from relief.api.cases.pause import PauseSumOut
from relief.api.cases.payee import CasePayeesOut, PayeeGivenIn
from relief.api.cases.recheck import CaseRecheckOut
from relief.api.cases.survey import CaseSurveyOut
from relief.api.checks.schemas import AuthorisationIn
from relief.review.kin.types import KinSource
from relief.review.papers.types import PaperKind
from relief.review.types import CaseStatus, Outcome, StageStatus, Step
from relief.schemes.types import DayType, StageKind
from relief.web.pagination import PageArgs, page_of

_WORDS = validate.Length(min=2, max=2000)
_MOST_FEN = 10**9  # ten million yuan: no scheme of the catalogue gives a hundredth of it


class CaseArgs(PageArgs):
    """What the list is narrowed to."""

    status = fields.Enum(CaseStatus, by_value=True, load_default=None)
    scheme = fields.String(load_default=None, validate=validate.Length(max=8))
    late = fields.Boolean(
        load_default=False, metadata={"description": "only those in which a limit has passed"}
    )
    number = fields.String(
        load_default=None,
        validate=validate.Length(max=60),
        metadata={"description": "受理编号，或者其中一份文书的编号；须完整"},
    )


class CaseIn(Schema):
    """An application."""

    person_id = fields.UUID(required=True)
    scheme = fields.String(required=True, validate=validate.Length(max=8))
    need = fields.String(required=True, validate=_WORDS, metadata={"description": "申请理由"})
    authorisations = fields.List(
        fields.Nested(AuthorisationIn),
        load_default=list,
        validate=validate.Length(max=50),
        metadata={"description": "家庭成员已签署的核对授权书"},
    )
    payee = fields.Nested(
        PayeeGivenIn,
        load_default=None,
        metadata={"description": "收款账户，须经另一人确认；也可以以后登记"},
    )
    mandate = fields.Nested(
        MandateIn, load_default=None, metadata={"description": "受托人代为提出申请的"}
    )
    corrections = fields.List(
        fields.Nested(CorrectionIn),
        load_default=list,
        validate=validate.Length(max=50),
        metadata={"description": "对已知的值的更正"},
    )


class OpinionIn(Schema):
    """How one's stage ends."""

    outcome = fields.Enum(
        Outcome,
        by_value=True,
        required=True,
        validate=validate.OneOf([Outcome.PASSED, Outcome.OBJECTED]),
    )
    opinion = fields.String(
        load_default=None, validate=_WORDS, metadata={"description": "意见，有异议的须写明"}
    )


class MissingIn(Schema):
    """The whole list of papers that are missing."""

    missing = fields.String(required=True, validate=_WORDS)
    nonetheless = fields.String(
        load_default=None,
        validate=_WORDS,
        metadata={"description": "why a paper is needed that the platform has"},
    )


class PauseIn(MissingIn):
    """What is waited for, and why: a code of the catalogue's reasons."""

    reason = fields.String(load_default="papers", validate=validate.Length(max=20))


class CaseReasonIn(Schema):
    """Why."""

    reason = fields.String(required=True, validate=_WORDS)


class CaseDecisionIn(CaseReasonIn):
    """Granted with an amount, or refused without; always with reasons."""

    granted = fields.Boolean(required=True)
    amount_fen = fields.Integer(
        load_default=None,
        strict=True,
        validate=validate.Range(min=0, max=_MOST_FEN),
        metadata={"description": "分；认定身份的为 0"},
    )
    departs = fields.String(
        load_default=None,
        validate=_WORDS,
        metadata={"description": "与计算规则的结果不一致的，须写明偏离的理由"},
    )


class CaseOut(Schema):
    """One line of a list of cases."""

    id = fields.UUID(required=True)
    number = fields.String(required=True)
    scheme_code = fields.String(required=True)
    scheme_name = fields.String(required=True)
    applicant_name = fields.String(required=True)
    region_code = fields.String(required=True)
    status = fields.Enum(CaseStatus, by_value=True, required=True)
    submitted_at = fields.AwareDateTime(required=True)
    due_on = fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "of the whole; null before it is counted or while it stands"},
    )
    due_unpaused_on = fields.Date(
        required=True, allow_none=True, metadata={"description": "had the clock never stood"}
    )
    due_usual_on = fields.Date(
        required=True, allow_none=True, metadata={"description": "if extended: had it not been"}
    )
    due_provisional = fields.Boolean(
        required=True, metadata={"description": "a calendar still to come may move it"}
    )
    due_unpaused_provisional = fields.Boolean(required=True)
    due_usual_provisional = fields.Boolean(required=True)


CasePageOut = page_of(CaseOut)


class TurnOut(Schema):
    """A stage that waits for the caller."""

    id = fields.UUID(required=True)
    case = fields.Nested(CaseOut, required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.Enum(StageKind, by_value=True, required=True)
    hangs_until = fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "of a public notice: its last day; ended after it, by `due_on`"},
    )
    hangs_provisional = fields.Boolean(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    due_unpaused_on = fields.Date(required=True, allow_none=True)
    due_usual_on = fields.Date(required=True, allow_none=True)
    due_provisional = fields.Boolean(required=True)
    due_unpaused_provisional = fields.Boolean(required=True)
    due_usual_provisional = fields.Boolean(required=True)
    paused = fields.Boolean(required=True)
    acting_for = fields.String(
        required=True, allow_none=True, metadata={"description": "for whom the caller stands in"}
    )
    doubts = fields.Integer(
        required=True, metadata={"description": "还没有核实排除的疑点，同意救助之前须核实"}
    )
    objections = fields.Integer(required=True, metadata={"description": "还没有处理的公示期异议"})


TurnPageOut = page_of(TurnOut)


class CaseStageOut(Schema):
    """A stage that a case is in or was in; a joint one has a line for each department."""

    code = fields.String(required=True)
    turn = fields.Integer(required=True)
    name = fields.String(required=True)
    kind = fields.Enum(StageKind, by_value=True, required=True)
    department_code = fields.String(required=True)
    department_name = fields.String(required=True)
    role = fields.Enum(
        Role, by_value=True, required=True, metadata={"description": "of whom it waits for"}
    )
    begun_on = fields.Date(required=True)
    limit = fields.Integer(required=True)
    unit = fields.Enum(DayType, by_value=True, required=True)
    hangs_until = fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "of a public notice: its last day; ended after it, by `due_on`"},
    )
    hangs_provisional = fields.Boolean(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    due_unpaused_on = fields.Date(required=True, allow_none=True)
    due_usual_on = fields.Date(required=True, allow_none=True)
    due_provisional = fields.Boolean(required=True)
    due_unpaused_provisional = fields.Boolean(required=True)
    due_usual_provisional = fields.Boolean(required=True)
    status = fields.Enum(StageStatus, by_value=True, required=True)
    outcome = fields.Enum(Outcome, by_value=True, required=True, allow_none=True)
    opinion = fields.String(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_by = fields.String(required=True, allow_none=True)
    waits_for = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "of an open one, the stages that must have ended before"},
    )
    papers = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "what the procedure says is needed"},
    )
    survey_by = fields.Integer(
        required=True,
        metadata={"description": "办结前须入户调查的人数；0：不需要，或已经登记"},
    )


class CasePauseOut(Schema):
    """Papers that were asked for."""

    reason = fields.String(required=True, allow_none=True)
    since_on = fields.Date(required=True)
    stands_until = fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "the last day for which the clock may stand"},
    )
    until_on = fields.Date(required=True, allow_none=True)
    missing = fields.String(required=True)
    asked_by = fields.String(required=True)


class CaseDecisionOut(Schema):
    """What was decided."""

    outcome = fields.Enum(Outcome, by_value=True, required=True)
    amount_fen = fields.Integer(required=True, allow_none=True)
    reason = fields.String(required=True)
    legal = fields.String(required=True)
    departs = fields.String(required=True, allow_none=True)
    decided_by = fields.String(required=True)
    decided_at = fields.AwareDateTime(required=True)
    list_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "the signed list by which it was taken"},
    )


class KinDeclarationIn(Schema):
    """Someone of the staff or of a committee whom the applicant names as close kin."""

    name = fields.String(required=True, validate=validate.Length(min=2, max=80))
    relation = fields.String(
        required=True,
        validate=validate.Regexp(r"\d{2}\Z"),
        metadata={"description": "与该工作人员的关系，GB/T 4761"},
    )


class KinVisitIn(Schema):
    """That the county visited the home, by the caller and another."""

    companion_id = fields.UUID(required=True, metadata={"description": "account of the other"})
    visited_on = fields.Date(required=True)
    finding = fields.String(required=True, validate=_WORDS)


class CaseKinOut(Schema):
    """Whose kin the family is."""

    name = fields.String(required=True)
    relation = fields.String(required=True)
    source = fields.Enum(KinSource, by_value=True, required=True)
    found_at = fields.AwareDateTime(required=True)


class CasePaperOut(Schema):
    """A paper of a case; its PDF is beside the case."""

    kind = fields.Enum(PaperKind, by_value=True, required=True)
    number = fields.String(required=True, metadata={"description": "文书编号"})
    code = fields.String(required=True, metadata={"description": "核验码"})
    digest = fields.String(required=True, metadata={"description": "编号和文字的 SHA-256"})
    issued_at = fields.AwareDateTime(required=True)


class KinVisitOut(Schema):
    """The county's visit to the home of a case of kin."""

    visited_on = fields.Date(required=True)
    visitors = fields.List(fields.String(), required=True)
    finding = fields.String(required=True)


class CaseReminderOut(Schema):
    """That a limit runs out or has passed: to be told, or told (催办)."""

    stage_code = fields.String(
        required=True, allow_none=True, metadata={"description": "null: the whole"}
    )
    department_code = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    provisional = fields.Boolean(
        required=True, metadata={"description": "to be told by a last day that may yet move"}
    )
    told_at = fields.AwareDateTime(required=True, allow_none=True)
    told = fields.Integer(required=True, metadata={"description": "how many accounts"})


class CaseStepOut(Schema):
    """One line of the timeline."""

    at = fields.AwareDateTime(required=True)
    step = fields.Enum(Step, by_value=True, required=True)
    stage_code = fields.String(required=True, allow_none=True)
    department_code = fields.String(required=True, allow_none=True)
    actor = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "null: the platform, which only counts days"},
    )
    acting_for = fields.String(
        required=True, allow_none=True, metadata={"description": "for whom the actor stood in"}
    )
    note = fields.String(required=True, allow_none=True)


class AwaitedEventOut(Schema):
    """What may happen after the grant and is then reported, and the stages that it starts."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    starts = fields.List(fields.String(), required=True)


class CaseDetailOut(Schema):
    """A case with everything that happened in it."""

    case = fields.Nested(CaseOut, required=True)
    person_id = fields.UUID(required=True)
    need = fields.String(required=True)
    known_before = fields.Nested(KnownBeforeOut, required=True)
    procedure = fields.String(
        required=True, metadata={"description": "code@version that the case began under"}
    )
    stages = fields.List(fields.Nested(CaseStageOut), required=True)
    awaited = fields.List(fields.Nested(AwaitedEventOut), required=True)
    pauses = fields.List(fields.Nested(CasePauseOut), required=True)
    pause_sums = fields.List(fields.Nested(PauseSumOut), required=True)
    extended_limit = fields.Integer(
        required=True, allow_none=True, metadata={"description": "null: it has none"}
    )
    extension = fields.Nested(CaseExtensionOut, required=True, allow_none=True)
    objections = fields.List(fields.Nested(CaseObjectionOut), required=True)
    inquiries = fields.List(fields.Nested(CaseInquiryOut), required=True)
    decision = fields.Nested(CaseDecisionOut, required=True, allow_none=True)
    papers = fields.List(fields.Nested(CasePaperOut), required=True)
    payees = fields.Nested(CasePayeesOut, required=True)
    entitlements = fields.List(fields.Nested(CaseEntitlementOut), required=True)
    changes = fields.List(
        fields.Nested(EntitlementChangeOut),
        required=True,
        metadata={"description": "of what was granted; the newest first"},
    )
    facts = fields.Nested(FactsFoundOut, required=True, allow_none=True)
    rechecks = fields.List(fields.Nested(CaseRecheckOut), required=True)
    mandates = fields.List(fields.Nested(CaseMandateOut), required=True)
    enclosures = fields.List(fields.Nested(CaseEnclosureOut), required=True)
    kin = fields.List(fields.Nested(CaseKinOut), required=True)
    kin_visit = fields.Nested(KinVisitOut, required=True, allow_none=True)
    survey = fields.Nested(CaseSurveyOut, required=True, allow_none=True)
    reminders = fields.List(fields.Nested(CaseReminderOut), required=True)
    timeline = fields.List(fields.Nested(CaseStepOut), required=True)
