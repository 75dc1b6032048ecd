"""Words of entering a roster's applications together."""

import enum


class ActStatus(enum.StrEnum):
    """Where an act stands."""

    RUNNING = "running"
    STOPPED = "stopped"  # who began it may no longer enter applications there
    DONE = "done"


class PlaceStatus(enum.StrEnum):
    """What became of one person of an act."""

    LISTED = "listed"  # not yet
    ENTERED = "entered"
    NOT_ENTERED = "not_entered"


class NotEntered(enum.StrEnum):
    """Why somebody was not entered."""

    GONE = "gone"  # not in the clerk's scope any more, or merged with somebody
    DEAD = "dead"
    UNDER_WAY = "under_way"  # the same is applied for already
    ELSEWHERE = "elsewhere"  # not where the act was narrowed to
    MEMBER = "member"  # of a household whose head is entered
    OFF_ROSTER = "off_roster"  # has the aid, or is not confirmed
    KIN = "kin"  # of the clerk
    BLOCKED = "blocked"  # the checks hold the application; the note says what is to be mended
    FAILED = "failed"
