"""What is asked and told of mandates. Of the agent the name is told, and the number masked."""

from marshmallow import Schema, fields, validate

from relief.review.mandates.types import AgentKind, MandateAct, MandateForm

_WORDS = validate.Length(min=2, max=2000)


class MandateIn(Schema):
    """What the applicant lets someone do."""

    agent = fields.String(required=True, validate=validate.Length(min=2, max=80))
    kind = fields.Enum(AgentKind, by_value=True, required=True)
    number = fields.String(
        required=True, validate=validate.Length(max=20), metadata={"description": "受托人身份证号"}
    )
    acts = fields.List(
        fields.Enum(MandateAct, by_value=True),
        required=True,
        validate=validate.Length(min=1, max=len(MandateAct)),
    )
    from_on = fields.Date(required=True)
    until_on = fields.Date(required=True, metadata={"description": "最后一日"})
    form = fields.Enum(MandateForm, by_value=True, required=True)
    proof = fields.String(
        required=True,
        validate=_WORDS,
        metadata={"description": "委托书的编号和存放处；口述的，记录的内容和捺印"},
    )
    witness_id = fields.UUID(
        load_default=None,
        metadata={"description": "口述委托在场的另一名工作人员（账号）；书面委托不填"},
    )


class CaseMandateOut(Schema):
    """A mandate of a case."""

    id = fields.UUID(required=True)
    agent = fields.String(required=True)
    kind = fields.Enum(AgentKind, by_value=True, required=True)
    number = fields.String(required=True, metadata={"description": "masked"})
    acts = fields.List(fields.Enum(MandateAct, by_value=True), required=True)
    from_on = fields.Date(required=True)
    until_on = fields.Date(required=True)
    in_force = fields.Boolean(
        required=True, metadata={"description": "today, unless one of the two has died"}
    )
    form = fields.Enum(MandateForm, by_value=True, required=True)
    proof = fields.String(required=True)
    witness = fields.String(required=True, allow_none=True)
    recorded_by = fields.String(required=True)
    recorded_at = fields.AwareDateTime(required=True)
    revoked_by = fields.String(required=True, allow_none=True)
    revoked_at = fields.AwareDateTime(required=True, allow_none=True)
    revoked_why = fields.String(required=True, allow_none=True)
