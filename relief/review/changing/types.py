"""Words of changes to entitlements that other rooms use too."""

import enum


class ChangeKind(enum.StrEnum):
    """What is to become of an entitlement."""

    REDUCE = "reduce"
    STOP = "stop"


class Excuse(enum.StrEnum):
    """Why nobody need be heard."""

    DEATH = "death"
    OWN_WISH = "own_wish"  # in writing


class ServedBy(enum.StrEnum):
    """How a notice was served (送达方式)."""

    DIRECT = "direct"
    LEFT = "left"  # with witnesses
    POST = "post"
    ELECTRONIC = "electronic"
    PUBLIC = "public"


class ChangeState(enum.StrEnum):
    """How far a change has come."""

    PROPOSED = "proposed"
    SERVED = "served"
    HEARD = "heard"
    CARRIED = "carried"
    DROPPED = "dropped"
