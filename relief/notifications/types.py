"""Small words of the notices."""

import enum


class DeliveryStatus(enum.StrEnum):
    """Where a notice stands."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"  # the provider took it; whether it arrived, a delivery report tells
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    EXPIRED = "expired"  # it waited too long to be told still


class Held(enum.StrEnum):
    """Why a text message is not with the telephone: of one that waits, and of one that ended."""

    QUIET = "quiet-hours"  # waits
    DAY_LIMIT = "day-limit"  # waits
    TRY_AGAIN = "try-again"  # waits: the provider surely did not take it
    UNREADABLE = "phone-unreadable"  # waits: its key is not here
    TOO_OLD = "too-old"  # expired
    NO_NUMBER = "no-number"  # failed: it was deleted
    NO_TEMPLATE = "no-template"  # failed
    UNFIT = "unfit-values"  # failed
    NO_MOBILE = "not-a-mobile"  # failed: no text reaches a landline
    REFUSED = "refused"  # failed
    GIVEN_UP = "given-up"  # failed: after the last attempt
    NO_REPLY = "no-reply"  # unknown
    ABANDONED = "abandoned"  # unknown: handed over by a worker that died
