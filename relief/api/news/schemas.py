"""What is told of policy articles, and what may be asked of them."""

from marshmallow import Schema, fields, validate

from relief.news.content import LENGTHS, MOST_REGIONS
from relief.news.types import FileKind, VersionStatus
from relief.registry.types import Category
from relief.web.pagination import PageArgs, page_of

LEAST_REASON = 2
_CODE = validate.Range(min=10**11, max=10**12 - 1)


def _words(name: str, *, least: int = 1) -> fields.String:
    return fields.String(required=True, validate=validate.Length(min=least, max=LENGTHS[name]))


class NewsArgs(PageArgs):
    """What the list is narrowed to."""

    status = fields.Enum(
        VersionStatus,
        by_value=True,
        load_default=None,
        metadata={"description": "published: of what readers may have, also while a draft is"},
    )
    category = fields.String(load_default=None, validate=validate.Length(max=20))


class NewsRowOut(Schema):
    """One article in the list, by its newest version that was not thrown away."""

    id = fields.UUID(required=True)
    title = fields.String(required=True)
    category = fields.String(required=True)
    category_name = fields.String(required=True)
    status = fields.Enum(VersionStatus, by_value=True, required=True)
    number = fields.Integer(required=True)
    published = fields.Integer(
        required=True, allow_none=True, metadata={"description": "newest published version"}
    )
    shown_from = fields.Date(required=True)
    shown_until = fields.Date(required=True, allow_none=True)
    region_code = fields.Integer(required=True, metadata={"description": "of the office"})
    region_name = fields.String(required=True)
    department = fields.String(required=True)
    edited_at = fields.AwareDateTime(required=True)


NewsPageOut = page_of(NewsRowOut)


class NewsContentSchema(Schema):
    """What one version says."""

    category = fields.String(required=True, validate=validate.Length(min=1, max=20))
    title = _words("title")
    summary = _words("summary")
    body = fields.String(
        required=True,
        validate=validate.Length(min=1, max=LENGTHS["body"]),
        metadata={
            "description": "a line is a paragraph; `# ` heading, `- ` list, `**bold**`,"
            " `[words](https://… or tel:…)`, `[图片：title of a file]`"
        },
    )
    source = _words("source")
    document_number = fields.String(
        required=True, allow_none=True, validate=validate.Length(max=LENGTHS["document_number"])
    )
    shown_from = fields.Date(required=True, metadata={"description": "first day, in China"})
    shown_until = fields.Date(required=True, allow_none=True, metadata={"description": "last day"})
    region_codes = fields.List(
        fields.Integer(strict=True, validate=_CODE),
        required=True,
        validate=validate.Length(max=MOST_REGIONS),
        metadata={"description": "whose households it is for; empty: all of the office's region"},
    )
    aid_categories = fields.List(
        fields.Enum(Category, by_value=True),
        required=True,
        validate=validate.Length(max=len(Category)),
        metadata={"description": "empty: all; with regions: both must be so"},
    )


class NewsFileOut(Schema):
    """A file of a version."""

    id = fields.UUID(required=True)
    kind = fields.Enum(FileKind, by_value=True, required=True)
    title = fields.String(required=True)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True, metadata={"description": "bytes"})


class NewsVersionRowOut(Schema):
    """One version, and who had to do with it."""

    number = fields.Integer(required=True)
    status = fields.Enum(VersionStatus, by_value=True, required=True)
    title = fields.String(required=True)
    created_by = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    edited_by = fields.String(required=True)
    edited_at = fields.AwareDateTime(required=True)
    proposed_by = fields.String(required=True, allow_none=True)
    proposed_at = fields.AwareDateTime(required=True, allow_none=True)
    returned_reason = fields.String(required=True, allow_none=True)
    published_by = fields.String(required=True, allow_none=True)
    published_at = fields.AwareDateTime(required=True, allow_none=True)
    closed_by = fields.String(required=True, allow_none=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)
    withdrawn_reason = fields.String(required=True, allow_none=True)
    shown = fields.Boolean(required=True, metadata={"description": "what readers see today"})
    touched = fields.Boolean(
        required=True,
        metadata={"description": "the reader wrote any of it and never publishes it"},
    )
    version = fields.Integer(
        required=True, metadata={"description": "of the row; acts name what was looked at"}
    )


class NewsChangeOut(Schema):
    """One field that two versions say differently."""

    field = fields.String(required=True)
    before = fields.Raw(required=True, allow_none=True)
    after = fields.Raw(required=True, allow_none=True)


class NewsLineOut(Schema):
    """A line of the text: `-` gone, `+` new."""

    mark = fields.String(required=True)
    words = fields.String(required=True)


class NewsDifferenceOut(Schema):
    """What a version says otherwise than the published one before it."""

    fields_changed = fields.List(fields.Nested(NewsChangeOut), required=True, attribute="fields")
    lines = fields.List(fields.Nested(NewsLineOut), required=True)
    files_gone = fields.List(fields.String(), required=True)
    files_new = fields.List(fields.String(), required=True)


class NewsVersionOut(Schema):
    """What one version says."""

    article_id = fields.UUID(required=True)
    row = fields.Nested(NewsVersionRowOut, required=True)
    content = fields.Nested(NewsContentSchema, required=True)
    html = fields.String(
        required=True, metadata={"description": "sanitised; pictures as `attachment:<file id>`"}
    )
    missing_pictures = fields.List(fields.String(), required=True)
    files = fields.List(fields.Nested(NewsFileOut), required=True)
    before = fields.Integer(required=True, allow_none=True)
    difference = fields.Nested(NewsDifferenceOut, required=True, allow_none=True)


class NewsOut(Schema):
    """An article: its versions, and the one that is worked on or was last."""

    id = fields.UUID(required=True)
    region_code = fields.Integer(required=True)
    region_name = fields.String(required=True)
    department = fields.String(required=True)
    own = fields.Boolean(required=True, metadata={"description": "of the reader's department"})
    versions = fields.List(fields.Nested(NewsVersionRowOut), required=True)
    newest = fields.Nested(NewsVersionOut, required=True)


class NewsIn(Schema):
    """A new article."""

    content = fields.Nested(NewsContentSchema, required=True)
    region = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=_CODE,
        metadata={"description": "of the office, if one works in several"},
    )


class NewsLookedIn(Schema):
    """Which version of the row was looked at."""

    version = fields.Integer(
        required=True, strict=True, validate=validate.Range(min=1, max=2**31 - 1)
    )


class NewsEditIn(NewsLookedIn):
    """The whole content as it is to be."""

    content = fields.Nested(NewsContentSchema, required=True)


class NewsReturnIn(NewsLookedIn):
    """Why it is sent back."""

    reason = _words("reason", least=LEAST_REASON)


class NewsWithdrawalIn(Schema):
    """Why it is taken from readers."""

    reason = _words("reason", least=LEAST_REASON)


class NewsUploadIn(Schema):
    """What a file is called, and which version of the row was looked at."""

    version = fields.Integer(required=True, validate=validate.Range(min=1, max=2**31 - 1))
    title = fields.String(load_default="", validate=validate.Length(max=LENGTHS["file_title"]))


class NewsUploadFileIn(Schema):
    """A PDF, a picture, or one recording of the article read aloud."""

    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


class NewsReadingsOut(Schema):
    """How many readers on a day; of whom nothing is kept."""

    day = fields.Date(required=True)
    readers = fields.Integer(required=True)


class NewsReadingListOut(Schema):
    """The days on which it was read, the newest first."""

    items = fields.List(fields.Nested(NewsReadingsOut), required=True)
