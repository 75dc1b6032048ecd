"""Words of recognition that other rooms use too."""

import enum


class Source(enum.StrEnum):
    """How it is known that someone was confirmed."""

    ENTITLEMENT = "entitlement"  # decided here
    LIST = "list"  # a department's list names them


class State(enum.StrEnum):
    """Whether a confirmed identity may be recognised."""

    STANDS = "stands"
    STALE = "stale"  # its last check is too old
    CONTRADICTED = "contradicted"  # a newer check says otherwise
    ENDED = "ended"


class Field(enum.StrEnum):
    """What of an application is filled in before anybody is asked."""

    MEMBERS = "members"
    ADDRESS = "address"
    PHONE = "phone"
    FACT = "fact"
