"""What is told of text messages: never a number in full."""

from marshmallow import Schema, fields

from relief.notifications.types import DeliveryStatus, Held
from relief.web.pagination import PageArgs, page_of


class TextMessageArgs(PageArgs):
    """What the list is narrowed to."""

    status = fields.Enum(DeliveryStatus, by_value=True, load_default=None)


class TextMessageOut(Schema):
    """One text message to a telephone of a family."""

    id = fields.UUID(required=True)
    created_at = fields.AwareDateTime(required=True)
    template = fields.String(required=True, allow_none=True)
    title = fields.String(required=True)
    words = fields.String(required=True, metadata={"description": "without the signature"})
    phone_masked = fields.String(required=True, allow_none=True)
    status = fields.Enum(DeliveryStatus, by_value=True, required=True)
    attempts = fields.Integer(required=True)
    reason = fields.Enum(
        Held,
        by_value=True,
        required=True,
        allow_none=True,
        metadata={"description": "why it waits, or was not taken"},
    )
    next_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "of one that waits"}
    )
    handed_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "empty: surely not sent"}
    )
    provider = fields.String(
        required=True, allow_none=True, metadata={"description": "`fake`: nobody was told"}
    )
    provider_id = fields.String(required=True, allow_none=True)
    provider_code = fields.String(required=True, allow_none=True)


TextMessagePageOut = page_of(TextMessageOut)
