"""What is asked and told of exports."""

from marshmallow import Schema, fields, validate

from relief.api.households.schemas import HouseholdCriteria
from relief.registry.exports.queries import ExportStatus
from relief.registry.purposes import LONGEST_REMARK
from relief.registry.types import ExportForm
from relief.web.pagination import page_of


class ExportIn(HouseholdCriteria):
    """A file of what a list or a search shows, and what for."""

    form = fields.Enum(ExportForm, by_value=True, load_default=ExportForm.XLSX)
    purpose = fields.String(
        required=True,
        validate=validate.Length(max=20),
        metadata={"description": "导出目的，取自代码表 purpose"},
    )
    remark = fields.String(load_default=None, validate=validate.Length(max=LONGEST_REMARK))


class ExportOut(Schema):
    """One export and how far it is."""

    id = fields.UUID(required=True)
    form = fields.Enum(ExportForm, by_value=True, required=True)
    purpose = fields.String(required=True)
    remark = fields.String(required=True, allow_none=True)
    told = fields.Dict(
        required=True,
        metadata={"description": "region, scheme, category; by: which fields were searched"},
    )
    status = fields.Enum(ExportStatus, by_value=True, required=True)
    done_steps = fields.Integer(required=True)
    total_steps = fields.Integer(required=True)
    message = fields.String(required=True, allow_none=True)
    most = fields.Integer(required=True, metadata={"description": "rows that the role may take"})
    row_count = fields.Integer(required=True, allow_none=True)
    size = fields.Integer(required=True, allow_none=True, metadata={"description": "bytes"})
    asked_at = fields.AwareDateTime(required=True)
    made_at = fields.AwareDateTime(required=True, allow_none=True)
    expires_at = fields.AwareDateTime(required=True, allow_none=True)
    fetched_at = fields.AwareDateTime(required=True, allow_none=True)


ExportPageOut = page_of(ExportOut)
