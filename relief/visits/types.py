"""Words of the room of helpers that other rooms use too."""

import enum


class EndKind(enum.StrEnum):
    """Why an assignment is no more."""

    ENDED = "ended"  # by a steward
    TRANSFERRED = "transferred"  # to a successor, who has one of their own
    HOUSEHOLD_GONE = "household_gone"  # nobody is left of whom the registry knew


class Covered(enum.StrEnum):
    """How a household in aid stands with its helpers today.

    `LEFT` goes with either of the two before: one helper of several may have left.
    """

    HELPED = "helped"  # by somebody who is in post
    UNHELPED = "unhelped"
    LEFT = "left"  # somebody who left, or whose account is disabled, is still down as its helper
