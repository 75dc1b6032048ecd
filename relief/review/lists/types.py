"""Words of the signed lists that other rooms use too."""

import enum


class ListStatus(enum.StrEnum):
    """Where a list stands."""

    DRAWN = "drawn"  # to be looked at, and signed
    SIGNED = "signed"  # its cases are being decided
    STOPPED = "stopped"  # the rest waits
    DONE = "done"


class EntryStatus(enum.StrEnum):
    """Where a case of a list stands."""

    LISTED = "listed"  # waits for the signature, or for its turn
    LEFT_OUT = "left_out"  # when the list was drawn: it is no part of what is signed
    DECIDED = "decided"
    NOT_DECIDED = "not_decided"  # it was signed for, and is to be decided by itself


class Reason(enum.StrEnum):
    """Why a case is not decided by a list."""

    KIN = "kin"
    STOOD_BACK = "stood_back"
    FOUR_EYES = "four_eyes"
    UNVISITED = "unvisited"  # a home of kin at which the county has not been
    PAUSED = "paused"
    TOO_EARLY = "too_early"  # it waits for other stages
    DOUBTS = "doubts"
    RULE = "rule"  # the scheme's rule gives another amount, or none
    OVERLAP = "overlap"  # the same is granted already
    CHANGED = "changed"  # since the list was drawn
    DATES = "dates"  # it would run from another day now
    GONE = "gone"  # it does not wait for the signer any more
    FAILED = "failed"
    TAKEN_OFF = "taken_off"  # by the approver, before signing


class StopReason(enum.StrEnum):
    """Why a list stands still."""

    SIGNER = "signer"  # who signed it stopped it
    AUTHORITY = "authority"  # who signed it may not decide any more
    DIGEST = "digest"  # what is kept is not what was signed
