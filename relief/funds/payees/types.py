"""Words of payees that other rooms use too."""

import enum


class PayeeKind(enum.StrEnum):
    """Whose account money goes to."""

    SELF = "self"  # who the aid is for
    GUARDIAN = "guardian"
    INSTITUTION = "institution"  # that supports the person (供养机构)
    HOSPITAL = "hospital"
    SCHOOL = "school"


class AccountForm(enum.StrEnum):
    """What kind of account it is; a card's number carries a check digit, the others' none."""

    CARD = "card"
    PASSBOOK = "passbook"
    CORPORATE = "corporate"


class PayeeState(enum.StrEnum):
    """How far the entry of a payee has come. What is proposed pays nobody."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REPLACED = "replaced"  # by a newer one
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


PEOPLE = frozenset({PayeeKind.SELF, PayeeKind.GUARDIAN})


def pays_cash(kind: str) -> bool:
    """Tell whether a scheme of a kind pays money, alone or beside something else.

    >>> [pays_cash(kind) for kind in ("cash", "cash_or_service", "identity")]
    [True, True, False]
    """
    return "cash" in kind.split("_")
