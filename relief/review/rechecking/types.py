"""Words of re-checks that other rooms use too."""

import enum


class Every(enum.StrEnum):
    """How often a scheme is re-checked, as its `reverify` says."""

    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"

    @property
    def months(self) -> int:
        """Return the months from one to the next."""
        return {Every.QUARTERLY: 3, Every.HALF_YEARLY: 6, Every.YEARLY: 12}[self]


class Found(enum.StrEnum):
    """What a re-check found."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"  # so a reduction or stop, or a new application, is to be begun
