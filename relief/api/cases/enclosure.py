"""What is told of things handed in with a case."""

from marshmallow import Schema, fields, validate

from relief.attachments.media.types import MediaKind
from relief.review.enclosures.acts import LONGEST_TITLE, SHORTEST_TITLE


class EnclosureFileIn(Schema):
    """The file: its type is told by its content."""

    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


class EnclosureIn(Schema):
    """What goes with the file."""

    title = fields.String(
        required=True,
        validate=validate.Length(min=SHORTEST_TITLE, max=LONGEST_TITLE),
        metadata={"description": "材料名称，例如“残疾人证首页”"},
    )


class CaseEnclosureOut(Schema):
    """A photo, recording or PDF of a case; of one that was taken out, that it was."""

    id = fields.UUID(required=True)
    kind = fields.Enum(MediaKind, by_value=True, required=True)
    title = fields.String(required=True)
    media_type = fields.String(required=True, allow_none=True)
    size = fields.Integer(
        required=True, allow_none=True, metadata={"description": "字节，所保存的文件"}
    )
    sha256 = fields.String(
        required=True, allow_none=True, metadata={"description": "所保存的文件的摘要"}
    )
    received_sha256 = fields.String(
        required=True, metadata={"description": "所收到的文件的摘要；照片和录音的原文件不保存"}
    )
    width = fields.Integer(required=True, allow_none=True)
    height = fields.Integer(required=True, allow_none=True)
    milliseconds = fields.Integer(
        required=True, allow_none=True, metadata={"description": "录音时长，按解码所得计算"}
    )
    added_by = fields.String(required=True)
    added_at = fields.AwareDateTime(required=True)
    removed_by = fields.String(required=True, allow_none=True)
    removed_at = fields.AwareDateTime(required=True, allow_none=True)
    removed_why = fields.String(required=True, allow_none=True)
