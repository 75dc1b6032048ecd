"""What the form for a new account holds, and what can be wrong with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relief.accounts.types import Post
from relief.organisation import queries as organisation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class NewAccount:
    """One filled-in form."""

    display_name: str
    username: str
    post: str
    department: str
    password: str = field(repr=False)

    @classmethod
    def empty(cls) -> "NewAccount":
        """Return the form as it is first shown."""
        return cls("", "", Post.OPERATIONS.value, "", "")

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "NewAccount":
        """Return the form as it was sent."""
        return cls(
            display_name=form.get("display_name", "").strip(),
            username=form.get("username", "").strip().lower(),
            post=form.get("post", ""),
            department=form.get("department", ""),
            password=form.get("password", ""),
        )

    def faults(self) -> dict[str, str]:
        """Return what must be corrected: field → words. Password rules are the service's."""
        found = {}
        if not 0 < len(self.display_name) <= LONGEST_NAME:
            found["display_name"] = "请填写姓名，不超过 40 个字。"
        if not _USERNAME.fullmatch(self.username):
            found["username"] = "登录名应为 3 至 40 个小写字母、数字、点、横线或下划线。"
        if self.post not in {post.value for post in Post}:
            found["post"] = "请选择岗位。"
        return found


@dataclass(frozen=True, slots=True)
class RegionGroup:
    """Regions under one heading of the choice."""

    title: str
    options: tuple[tuple[str, str], ...]


def region_groups(session: "Session") -> list[RegionGroup]:
    """Return what an account can be given: the city, counties, zones, and townships by county."""
    groups = []
    for city in organisation.regions_below(session, parent_code=None):
        counties = organisation.regions_below(session, parent_code=city.code)
        whole = [(str(region.code), region.name) for region in (city, *counties)]
        zones = [(zone.code, zone.name) for zone in organisation.zones(session)]
        groups += [RegionGroup("全市和县区", tuple(whole)), RegionGroup("功能区", tuple(zones))]
        groups += [
            RegionGroup(
                county.name,
                tuple(
                    (str(region.code), region.name)
                    for region in organisation.regions_below(session, parent_code=county.code)
                ),
            )
            for county in counties
        ]
    return groups
