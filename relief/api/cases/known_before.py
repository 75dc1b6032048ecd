"""What is told of what a case did not ask anew (结果互认)."""

from marshmallow import Schema, fields

from relief.registry.types import Category
from relief.review.recognition.types import Field, Source


class CaseRecognitionOut(Schema):
    """An identity that a case rests on, and what is not done again."""

    category = fields.Enum(Category, by_value=True, required=True)
    holder = fields.String(required=True)
    since_on = fields.Date(required=True, allow_none=True)
    checked_on = fields.Date(required=True, metadata={"description": "最近一次核查"})
    source = fields.Enum(Source, by_value=True, required=True)
    told_by = fields.String(required=True, metadata={"description": "来源：认定决定或名册"})
    told = fields.String(required=True, metadata={"description": "一句话说明"})
    spares = fields.String(required=True, metadata={"description": "因互认免于什么"})
    stages = fields.List(fields.String(), required=True)
    checks = fields.List(fields.String(), required=True)
    legal = fields.String(required=True, metadata={"description": "依据"})
    accepted_at = fields.AwareDateTime(required=True)


class CasePrefillOut(Schema):
    """A value that was known before, where from, and its correction."""

    field = fields.Enum(Field, by_value=True, required=True)
    kind = fields.String(required=True, allow_none=True, metadata={"description": "哪项事实"})
    name = fields.String(required=True, allow_none=True)
    value = fields.String(required=True)
    origin = fields.String(required=True, metadata={"description": "取自何处"})
    known_on = fields.Date(required=True, allow_none=True)
    corrected = fields.String(required=True, allow_none=True, metadata={"description": "更正为"})
    reason = fields.String(required=True, allow_none=True, metadata={"description": "更正理由"})
    entered_by = fields.String(required=True)
    entered_at = fields.AwareDateTime(required=True)


class KnownBeforeOut(Schema):
    """What a case did not ask anew."""

    recognitions = fields.List(fields.Nested(CaseRecognitionOut), required=True)
    prefilled = fields.List(fields.Nested(CasePrefillOut), required=True)
