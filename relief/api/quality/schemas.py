"""What is told of the quality of departments' files."""

from marshmallow import Schema, fields

from relief.api.batches.schemas import TagOut
from relief.registry.quality.writing import Form
from relief.registry.types import Measure
from relief.schemes.types import Rhythm


class FigureOut(Schema):
    """So many faulty rows of so many that could have the fault."""

    faulty = fields.Integer(required=True)
    total = fields.Integer(required=True)


_MEASURES = fields.Dict(
    keys=fields.Enum(Measure, by_value=True), values=fields.Nested(FigureOut), required=True
)


class QualityOut(Schema):
    """One scheme's files of the last year, and whether the next is late."""

    scheme = fields.Nested(TagOut, required=True)
    department_code = fields.String(required=True)
    department_name = fields.String(required=True)
    measures = _MEASURES
    data_on = fields.Date(required=True, allow_none=True)
    received_at = fields.AwareDateTime(required=True, allow_none=True)
    every = fields.Enum(Rhythm, by_value=True, required=True, allow_none=True)
    due_days = fields.Integer(required=True, allow_none=True)
    late_days = fields.Integer(required=True, allow_none=True)


class QualityListOut(Schema):
    """The schemes that the caller may see."""

    items = fields.List(fields.Nested(QualityOut), required=True)


class FieldQualityOut(Schema):
    """One field of a scheme's files."""

    field = fields.String(required=True)
    measures = _MEASURES


class FileQualityOut(Schema):
    """One file of a scheme."""

    batch_id = fields.UUID(required=True)
    file_name = fields.String(required=True)
    received_at = fields.AwareDateTime(required=True)
    data_on = fields.Date(required=True, allow_none=True)
    late_days = fields.Integer(required=True, allow_none=True)
    measures = _MEASURES


class SchemeQualityOut(Schema):
    """One scheme: the sum, the fields, and the newest files."""

    row = fields.Nested(QualityOut, required=True)
    fields_ = fields.List(
        fields.Nested(FieldQualityOut), required=True, attribute="fields", data_key="fields"
    )
    files = fields.List(fields.Nested(FileQualityOut), required=True)


class FaultFileIn(Schema):
    """Which form the file is to have."""

    form = fields.Enum(Form, by_value=True, load_default=Form.XLSX)
