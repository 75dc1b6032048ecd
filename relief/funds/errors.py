"""What goes wrong with entitlements."""

from relief.core.errors import Conflict


class Overlapping(Conflict):
    """The database refuses a second entitlement of one person in one scheme at one time."""

    code = "entitlement-overlaps"
    title = "此人在这一时段已有同一项目的待遇"
