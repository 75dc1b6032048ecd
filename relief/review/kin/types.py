"""Words of the close-relative filing that other rooms use too."""

import enum

from relief.accounts.types import Role


class KinSource(enum.StrEnum):
    """How it is known that a case is of the family of a member of staff."""

    DECLARED = "declared"  # by the applicant
    FILED = "filed"  # by the member of staff
    REGISTRY = "registry"  # the member of staff is of the household
    REGISTER = "register"  # by the registers of households and marriages


# Who of the county may visit: those who handle cases there, and not at the township's window.
VISITORS = (Role.REVIEWER, Role.APPROVER)
# Relation to oneself, GB/T 4761: in a household of one's own nobody else need be named.
SELF = "01"
