"""Words of the drafts that the pages use too."""

import enum


class DraftStatus(enum.StrEnum):
    """Where a draft stands."""

    OPEN = "open"  # is edited
    PROPOSED = "proposed"  # waits for a second person, and is not edited
    PUBLISHED = "published"
    DISCARDED = "discarded"


LIVE = (DraftStatus.OPEN, DraftStatus.PROPOSED)


class Kind(enum.StrEnum):
    """What became of a stage."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
