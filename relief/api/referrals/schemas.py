"""What is asked and told of referrals."""

from marshmallow import Schema, fields, validate

from relief.review.referring.types import AidEnd, FoundBy, ReferralStatus, ReferralStep
from relief.web.pagination import PageArgs, page_of

_WORDS = validate.Length(min=2, max=2000)


class ReferralArgs(PageArgs):
    """What a list of referrals is narrowed to."""

    live = fields.Boolean(
        load_default=False, metadata={"description": "只看等待接收和已接收、尚未查明身份的"}
    )
    mine = fields.Boolean(load_default=False, metadata={"description": "只看本人登记的"})


class ReferralIn(Schema):
    """Who was found, as far as it is known, and to which office they are referred."""

    scheme = fields.String(required=True, validate=validate.Length(max=8))
    region = fields.String(
        required=True,
        validate=validate.Length(min=12, max=12),
        metadata={"description": "接收单位所在的乡镇（街道）或村（社区）代码"},
    )
    found_by = fields.Enum(FoundBy, by_value=True, required=True)
    finder = fields.String(
        required=True,
        validate=validate.Length(min=2, max=120),
        metadata={"description": "发现人的单位和姓名"},
    )
    found_at = fields.AwareDateTime(required=True)
    place = fields.String(
        required=True,
        validate=validate.Length(min=2, max=300),
        metadata={"description": "发现地点"},
    )
    handed_to = fields.String(
        required=True,
        validate=validate.Length(min=2, max=120),
        metadata={"description": "现由谁看护、交给了谁"},
    )
    condition = fields.String(
        required=True,
        validate=_WORDS,
        metadata={"description": "外貌、大致年龄、身体和精神状况、急需什么；加密保存"},
    )
    contact = fields.String(
        load_default=None,
        validate=validate.Length(max=80),
        metadata={"description": "回电联系方式；加密保存"},
    )
    minor = fields.Boolean(load_default=False, metadata={"description": "是或看似未成年人"})
    name = fields.String(
        load_default=None,
        validate=validate.Length(min=1, max=80),
        metadata={"description": "自报姓名；不知道的不填"},
    )
    citizen_id = fields.String(
        load_default=None,
        validate=validate.Length(min=15, max=40),
        metadata={"description": "自报或证件上的公民身份号码；不知道的不填"},
    )


class ReferralLookUpIn(Schema):
    """By what to look for somebody; neither: by the number that the referral says."""

    citizen_id = fields.String(load_default=None, validate=validate.Length(min=15, max=40))
    name = fields.String(
        load_default=None,
        validate=validate.Length(min=2, max=80),
        metadata={"description": "完整姓名；只在本人可以查看的范围内查找"},
    )


class ReferralCandidateOut(Schema):
    """Somebody who may be meant."""

    person_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "null: found by number, which need not be in the caller's scope"},
    )
    name = fields.String(required=True)
    number_masked = fields.String(required=True, allow_none=True)
    born_on = fields.Date(required=True, allow_none=True)
    region_code = fields.String(required=True)
    dead = fields.Boolean(required=True)


class ReferralCandidatesOut(Schema):
    """Who was found; nobody counts against the account."""

    items = fields.List(fields.Nested(ReferralCandidateOut), required=True)


class ReferralAcceptanceIn(Schema):
    """Who it is that is taken in, if it is known, and what they need."""

    need = fields.String(required=True, validate=_WORDS)
    as_found = fields.Boolean(
        load_default=False, metadata={"description": "就是按号码在登记中找到的人"}
    )
    person_id = fields.UUID(
        load_default=None, metadata={"description": "本人可以查看的人员；都不填：身份待查"}
    )


class ReferralIdentificationIn(ReferralAcceptanceIn):
    """Who it turned out to be."""


class ReferralReasonIn(Schema):
    """Why somebody is not taken in."""

    reason = fields.String(required=True, validate=_WORDS)


class ReferralHandOnIn(ReferralReasonIn):
    """To which office a referral goes on, and why."""

    region = fields.String(required=True, validate=validate.Length(min=12, max=12))


class ReferralAidIn(Schema):
    """What somebody got who was never identified."""

    what = fields.String(required=True, validate=_WORDS)
    fen = fields.Integer(required=True, strict=True, validate=validate.Range(min=0, max=10**12))
    end = fields.Enum(AidEnd, by_value=True, required=True)
    until_on = fields.Date(required=True)


class ReferralOut(Schema):
    """One referral in a list."""

    id = fields.UUID(required=True)
    scheme_code = fields.String(required=True)
    scheme_name = fields.String(required=True)
    department_code = fields.String(required=True)
    region_code = fields.String(required=True)
    found_by = fields.Enum(FoundBy, by_value=True, required=True)
    found_at = fields.AwareDateTime(required=True)
    place = fields.String(required=True)
    minor = fields.Boolean(required=True)
    status = fields.Enum(ReferralStatus, by_value=True, required=True)
    referred_at = fields.AwareDateTime(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    due_provisional = fields.Boolean(required=True)
    late = fields.Boolean(required=True)


ReferralPageOut = page_of(ReferralOut)


class ReferralEventOut(Schema):
    """One line of a referral's history."""

    at = fields.AwareDateTime(required=True)
    actor = fields.String(required=True)
    step = fields.Enum(ReferralStep, by_value=True, required=True)
    region_code = fields.String(required=True)
    note = fields.String(required=True, allow_none=True)


class ReferralDetailOut(Schema):
    """One referral, as its office and who referred it see it."""

    referral = fields.Nested(ReferralOut, attribute="row", required=True)
    region_name = fields.String(required=True)
    finder = fields.String(required=True)
    handed_to = fields.String(required=True)
    condition = fields.String(required=True)
    contact = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    number_masked = fields.String(required=True, allow_none=True)
    found = fields.Boolean(required=True)
    refusal = fields.String(required=True, allow_none=True)
    case_id = fields.UUID(required=True, allow_none=True)
    case_number = fields.String(required=True, allow_none=True)
    aid = fields.String(required=True, allow_none=True)
    aid_fen = fields.Integer(required=True, allow_none=True)
    aid_end = fields.Enum(AidEnd, by_value=True, required=True, allow_none=True)
    aid_until = fields.Date(required=True, allow_none=True)
    may_answer = fields.Boolean(required=True)
    events = fields.List(fields.Nested(ReferralEventOut), required=True)
