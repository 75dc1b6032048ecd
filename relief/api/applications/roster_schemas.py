"""What is asked and told of entering many applications of a roster."""

from marshmallow import Schema, fields, validate

from relief.review.rostering.types import ActStatus, NotEntered, PlaceStatus
from relief.web.pagination import PageArgs, page_of


class RosterActIn(Schema):
    """Whom of a scheme's roster to enter: all in scope, of a region, or people by name."""

    scheme = fields.String(required=True, validate=validate.Length(max=8))
    region = fields.String(
        load_default=None,
        validate=validate.Length(min=1, max=12),
        metadata={"description": "区划或功能区代码；不填：本人全部工作区划"},
    )
    people = fields.List(
        fields.UUID(),
        load_default=None,
        validate=validate.Length(min=1),
        metadata={
            "description": "只录入名单中的这些人，不在名单上的列为未录入并说明原因；不填：全部。"
            "人数上限由市级参数 roster_entries_max 规定"
        },
    )
    need = fields.String(
        required=True,
        validate=validate.Length(min=2, max=2000),
        metadata={"description": "申请事由，写入每一件申请"},
    )


class RosterActOut(Schema):
    """One act, and how far it is."""

    id = fields.UUID(required=True)
    scheme_code = fields.String(required=True)
    scheme_name = fields.String(required=True)
    region = fields.String(required=True, allow_none=True)
    need = fields.String(required=True)
    status = fields.Enum(ActStatus, by_value=True, required=True)
    working = fields.Boolean(required=True)
    beyond = fields.Boolean(
        required=True, metadata={"description": "more were missing than one act may enter"}
    )
    begun_at = fields.AwareDateTime(required=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    listed = fields.Integer(required=True)
    entered = fields.Integer(required=True)
    not_entered = fields.Integer(required=True)


RosterActPageOut = page_of(RosterActOut)


class RosterPlaceArgs(PageArgs):
    """What the people of an act are narrowed to."""

    status = fields.Enum(PlaceStatus, by_value=True, load_default=None)


class RosterPlaceOut(Schema):
    """One person of an act, and what became of them."""

    position = fields.Integer(required=True)
    person_id = fields.UUID(required=True)
    name = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "null, as the region: named, and not in the clerk's scope"},
    )
    region_code = fields.String(required=True, allow_none=True)
    told = fields.String(
        required=True,
        metadata={"description": "confirmed as what, by what; empty: was not on the roster"},
    )
    status = fields.Enum(PlaceStatus, by_value=True, required=True)
    reason = fields.Enum(NotEntered, by_value=True, required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    case_id = fields.UUID(required=True, allow_none=True)
    number = fields.String(required=True, allow_none=True)
    entered_at = fields.AwareDateTime(required=True, allow_none=True)


RosterPlacePageOut = page_of(RosterPlaceOut)
