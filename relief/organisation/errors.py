"""What can go wrong when someone asks for a part of the organisation."""

from relief.core.errors import NotFound


class RegionNotFound(NotFound):
    code = "region-not-found"
    title = "没有这个区划或功能区"
