"""Words of the checks that other rooms use too."""

import enum


class SignedBy(enum.StrEnum):
    """Who signed an authorisation to check (核对授权)."""

    ONESELF = "oneself"
    GUARDIAN = "guardian"  # of an adult who cannot act for themselves
    AGENT = "agent"  # whose mandate says so, for the applicant alone


class Verdict(enum.StrEnum):
    """What verifying a doubt came to."""

    UNFOUNDED = "unfounded"  # 核实无误，疑点排除
    SETTLED = "settled"  # 情况属实，已经处理
    CONFIRMED = "confirmed"  # 情况属实，不符合条件


# A doubt that was answered so no longer holds a grant.
CLEARING = (Verdict.UNFOUNDED, Verdict.SETTLED)


class How(enum.StrEnum):
    """How it is known that someone has an aid, or asks for it."""

    LIST = "list"  # a department's list names them
    ENTITLEMENT = "entitlement"
    CASE = "case"  # an application that is not decided yet
