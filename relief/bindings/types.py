"""Small words of the mini program's accounts."""

import enum


class MiniRole(enum.StrEnum):
    """What one account of the mini program may be; it may be both."""

    HOUSEHOLD = "household"  # a member of a household that is bound
    HELPER = "helper"


class Ending(enum.StrEnum):
    """Why a member's phone is bound no more."""

    PERSON = "person"  # they said so themselves
    LOST_PHONE = "lost_phone"
    NUMBER_REASSIGNED = "number_reassigned"  # the number was given to someone else
    LEFT_HOUSEHOLD = "left_household"
    OTHER = "other"
    REGISTRY = "registry"  # who the person is was decided anew


STAFF_ENDINGS = (
    Ending.LOST_PHONE,
    Ending.NUMBER_REASSIGNED,
    Ending.LEFT_HOUSEHOLD,
    Ending.OTHER,
)
