"""Words of the schemes that other rooms use too."""

import enum

# What an application raises. One that is made in the term is counted from its submission.
ENTRY_EVENTS = ("submit", "term_start")


class DayType(enum.StrEnum):
    """What a limit counts."""

    WORKING = "wd"
    CALENDAR = "cd"


class StageKind(enum.StrEnum):
    """What is done in a stage of a procedure (环节)."""

    ACCEPTANCE = "acceptance"
    KIN_FILING = "kin_filing"
    SURVEY = "survey"
    DATA_CHECK = "data_check"
    EXAMINATION = "examination"  # by one department, of its own part
    JOINT = "joint"
    FIRST_OPINION = "first_opinion"
    PUBLIC_NOTICE = "public_notice"
    CONFIRMATION = "confirmation"
    COUNTERSIGN = "countersign"  # after the decision, by another than who took it
    TELLING = "telling"
    EXPLANATION = "explanation"
    ASSESSMENT = "assessment"
    ASSIGNMENT = "assignment"
    SETTLEMENT = "settlement"


class Origin(enum.StrEnum):
    """Where a version of a procedure, or the value of a parameter, comes from."""

    SEEDS = "seeds"
    CONSOLE = "console"


class Each(enum.StrEnum):
    """Of which departments of a scheme an owner is, where the scheme says."""

    LEAD = "lead"
    JOINT = "joint"


class Entry(enum.StrEnum):
    """How one gets into a scheme."""

    APPLICATION = "application"
    ROSTER = "roster"
    SETTLEMENT = "settlement"
    REFERRAL = "referral"


class Start(enum.StrEnum):
    """From when an entitlement runs."""

    NEXT_MONTH = "next_month"
    MONTH_OF_APPLICATION = "month_of_application"
    AT_ONCE = "at_once"
    ON_DECISION = "on_decision"
    PER_YEAR = "per_year"
    PER_TERM = "per_term"


class Payer(enum.StrEnum):
    """Who sends the money."""

    PLATFORM = "platform"
    DEPARTMENT = "department"


class Combination(enum.StrEnum):
    """How two schemes go together."""

    MUTEX = "MUTEX"
    CHOOSE = "CHOOSE"
    HIGHER = "HIGHER"
    TOPUP = "TOPUP"
    STACK = "STACK"
    SEQUENCE = "SEQUENCE"
    ONCE = "ONCE"
    LADDER = "LADDER"


class Moment(enum.StrEnum):
    """When somebody is told of a limit."""

    SHARE = "share"  # the day on which this share of it is reached
    BEFORE = "before"  # so many working days before its last day
    AFTER = "after"  # at the end of the working day so many after its last day


class Told(enum.StrEnum):
    """Who is told of a limit."""

    OFFICE = "office"  # whose turn it is
    SUPERIOR = "superior"  # the approvers of that department
    LEADER = "leader"


class Rhythm(enum.StrEnum):
    """How often the file of a scheme is to come (报送周期)."""

    MONTH = "month"
    QUARTER = "quarter"
    TERM = "term"
    YEAR = "year"


class CountedFrom(enum.StrEnum):
    """From which day it is counted how long an entry of a register is drawn for a roster."""

    HAPPENED = "happened"  # the entry's own
    TOLD = "told"  # that of which the file speaks
