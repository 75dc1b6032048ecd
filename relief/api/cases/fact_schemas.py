"""What is asked and told of the facts of a case, and of what the scheme's rule makes of them."""

from marshmallow import Schema, fields, validate

from relief.schemes.calculation import Eligible, StepKind

_MOST = 10**12  # what a kind of fact allows is far below
_FACTS = 60  # in one request: more than there are kinds


class FactIn(Schema):
    """Something that was found out."""

    kind = fields.String(required=True, validate=validate.Length(max=40))
    value = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=0, max=_MOST),
        metadata={"description": "金额以分计；是为 1，否为 0"},
    )
    proof = fields.String(
        required=True,
        validate=validate.Length(min=2, max=500),
        metadata={"description": "凭何查明：材料、入户调查或数据核对"},
    )


class FactsIn(Schema):
    """What was found out at one time."""

    facts = fields.List(
        fields.Nested(FactIn), required=True, validate=validate.Length(min=1, max=_FACTS)
    )


class FactOut(Schema):
    """Something that was found out; superseded by a newer one of its kind or not."""

    kind = fields.String(required=True)
    name = fields.String(required=True)
    value = fields.Integer(required=True)
    text = fields.String(required=True)
    proof = fields.String(required=True)
    found_by = fields.String(required=True)
    found_at = fields.AwareDateTime(required=True)
    superseded = fields.Boolean(required=True)


class AskedFactOut(Schema):
    """What the rule asks for."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    unit = fields.String(required=True, allow_none=True)
    low = fields.Integer(required=True)
    high = fields.Integer(required=True)
    value = fields.Integer(
        required=True, allow_none=True, metadata={"description": "null: not found out yet"}
    )


class CalculationStepOut(Schema):
    """One step of the calculation, with its values in words."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf([one.value for one in StepKind]))
    text = fields.String(required=True)
    value = fields.String(required=True)
    holds = fields.Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "of a condition; null: open, or no condition"},
    )
    source = fields.String(required=True, allow_none=True)


class CalculationParameterOut(Schema):
    """A dated parameter in the version that was used.

    What was decided before counties had values of their own does not say whose value it was.
    """

    name = fields.String(required=True)
    label = fields.String(required=True, allow_none=True, dump_default=None)
    region_code = fields.Integer(
        required=True,
        allow_none=True,
        dump_default=None,
        metadata={"description": "of the city, or of the county whose own value it is"},
    )
    region = fields.String(required=True, allow_none=True, dump_default=None)
    valid_from = fields.String(required=True)
    value = fields.String(required=True)
    unit = fields.String(required=True, allow_none=True)
    source = fields.String(required=True)


class CalculationOut(Schema):
    """What the scheme's rule says, step by step."""

    on = fields.String(required=True, metadata={"description": "of which day the parameters are"})
    rule_from = fields.String(required=True)
    source = fields.String(required=True)
    confidence = fields.String(required=True)
    per = fields.String(required=True)
    eligible = fields.String(
        required=True, validate=validate.OneOf([one.value for one in Eligible])
    )
    amount_fen = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "null unless all conditions hold and nothing is missing"},
    )
    missing = fields.List(fields.String(), required=True)
    steps = fields.List(fields.Nested(CalculationStepOut), required=True)
    parameters = fields.List(fields.Nested(CalculationParameterOut), required=True)


class FactsFoundOut(Schema):
    """What was found out, what is asked for, and the calculation."""

    facts = fields.List(fields.Nested(FactOut), required=True)
    asked = fields.List(fields.Nested(AskedFactOut), required=True)
    calculation = fields.Nested(CalculationOut, required=True, allow_none=True)
