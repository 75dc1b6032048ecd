"""What is asked and told of payees. The number of an account is told masked."""

from marshmallow import Schema, fields, validate

from relief.funds.payees.types import AccountForm, PayeeKind, PayeeState

_WORDS = validate.Length(min=2, max=2000)


class PayeeGivenIn(Schema):
    """Whose account money is to go to."""

    kind = fields.Enum(PayeeKind, by_value=True, required=True)
    form = fields.Enum(AccountForm, by_value=True, required=True)
    bank_code = fields.String(
        required=True,
        validate=validate.Length(max=40),
        metadata={"description": "开户行联行号，12 位数字"},
    )
    number = fields.String(required=True, validate=validate.Length(max=64))
    holder = fields.String(
        required=True, validate=validate.Length(min=2, max=80), metadata={"description": "户名"}
    )
    proof = fields.String(
        required=True,
        validate=_WORDS,
        metadata={"description": "凭何核对：银行卡、户口簿、监护证明、机构入住协议等"},
    )
    relation = fields.String(
        load_default=None,
        validate=validate.Regexp(r"\d{2}\Z"),
        metadata={"description": "监护人与申请人的关系，GB/T 4761；其他收款人不填"},
    )
    phone = fields.String(
        load_default=None,
        validate=validate.Length(max=40),
        metadata={"description": "户名本人的联系电话"},
    )


class CasePayeeOut(Schema):
    """A payee: proposed, in force, or of before."""

    id = fields.UUID(required=True)
    state = fields.Enum(PayeeState, by_value=True, required=True)
    kind = fields.Enum(PayeeKind, by_value=True, required=True)
    form = fields.Enum(AccountForm, by_value=True, required=True)
    bank_code = fields.String(required=True)
    number = fields.String(required=True, metadata={"description": "masked"})
    holder = fields.String(required=True)
    relation = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True, metadata={"description": "masked"})
    proof = fields.String(required=True)
    reason = fields.String(required=True)
    households = fields.Integer(
        required=True,
        metadata={
            "description": "that had the account when it was entered, this one counted;"
            " 0: it is an institution's"
        },
    )
    told = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "telephones known before, masked; none: nobody could be told"},
    )
    since = fields.AwareDateTime(required=True, allow_none=True)
    until = fields.AwareDateTime(required=True, allow_none=True)
    proposed_by = fields.String(required=True)
    proposed_at = fields.AwareDateTime(required=True)
    answered_by = fields.String(required=True, allow_none=True)
    answered_at = fields.AwareDateTime(required=True, allow_none=True)
    answer = fields.String(required=True, allow_none=True)


class CasePayeesOut(Schema):
    """The payees of a case, the newest first."""

    asked = fields.Boolean(required=True, metadata={"description": "the scheme pays money"})
    shown = fields.Boolean(
        required=True, metadata={"description": "false: the caller's department does not pay"}
    )
    rows = fields.List(fields.Nested(CasePayeeOut), required=True)
