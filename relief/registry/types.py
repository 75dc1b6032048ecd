"""Words of the registry that other rooms use too."""

import enum


class BatchStatus(enum.StrEnum):
    """Where a department's file stands."""

    RECEIVED = "received"
    LOADED = "loaded"
    MERGED = "merged"
    REPEATED = "repeated"
    FAILED = "failed"
    UNDONE = "undone"
    HELD = "held"  # a roll that takes too many people off: waits for a steward
    REFUSED = "refused"  # by the steward


class FileContent(enum.StrEnum):
    """What the rows of a file say together."""

    HISTORY = "history"  # what was in past periods: every row stays
    ROLL = "roll"  # who is on the scheme's roll on one day: who is missing has left
    CHANGES = "changes"  # who joined, changed and left, each on a day


class Channel(enum.StrEnum):
    """How a batch came."""

    FILE = "file"
    RECORDS = "records"  # single records, by program: they say nothing of how far the scheme is


class ChangeAction(enum.StrEnum):
    """What a row of a change file says of its person."""

    JOINED = "joined"
    CHANGED = "changed"
    LEFT = "left"


class LinkRule(enum.StrEnum):
    """Why a source identity was linked to its person."""

    NUMBER = "number"
    OWN_LIST = "own_list"
    NAME_BIRTH_REGION = "name_birth_region"
    PHONE = "phone"
    NAME_VILLAGE = "name_village"
    HOUSEHOLD = "household"
    COMPARED = "compared"
    ALONE = "alone"
    DECIDED = "decided"


class ReviewKind(enum.StrEnum):
    """Why a steward must look at two records, or at who lives where."""

    NUMBER_SHARED = "number_shared"
    AMBIGUOUS_FALLBACK = "ambiguous_fallback"
    SIMILAR = "similar"
    HOUSEHOLD = "household"  # departments list one person in several households


class Verdict(enum.StrEnum):
    """What a steward decided of two descriptions, or of a description and a household."""

    SAME = "same"
    DIFFERENT = "different"
    LIVES = "lives"  # the person lives in the household that a department lists under a number


class ActKind(enum.StrEnum):
    """On which occasion a steward decided."""

    REVIEW = "review"
    SPLIT = "split"
    MERGE = "merge"
    HOME = "home"


class Category(enum.StrEnum):
    """The hardship identity (困难身份) that a household's schemes confirm, strongest first."""

    EXTREME_HARDSHIP = "extreme_hardship"
    MINIMUM_ALLOWANCE = "minimum_allowance"
    ALLOWANCE_EDGE = "allowance_edge"
    HEAVY_EXPENDITURE = "heavy_expenditure"
    MONITORED = "monitored"
    OTHER = "other"


class ExportForm(enum.StrEnum):
    """The form of a file that is taken away."""

    CSV = "csv"
    XLSX = "xlsx"


class Measure(enum.StrEnum):
    """What can be wrong with rows of a file."""

    EMPTY = "empty"  # the layout has the column, and nothing readable stands in it
    INVALID = "invalid"  # an identity number that fails its check
    DIFFERS = "differs"  # the birth date beside a valid number is not the one within
    CONFLICT = "conflict"  # another department says otherwise
    TWICE = "twice"  # one person twice in one period of one list
    REPEATED = "repeated"  # rows that were there already
    UNREADABLE = "unreadable"  # rows that were sent back for another reason
