"""What is told of the survey of a home."""

from marshmallow import Schema, fields


class CaseSurveyOut(Schema):
    """The home was surveyed by two; both signed the sheet, which is among the enclosures."""

    held_on = fields.Date(required=True)
    surveyors = fields.List(fields.String(), required=True)
    finding = fields.String(required=True)
    sheet_id = fields.UUID(required=True, metadata={"description": "the enclosure"})
    unsigned_why = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "why the applicant did not sign; null: signed"},
    )
    witness = fields.String(required=True, allow_none=True)
    recorded_at = fields.AwareDateTime(required=True)
