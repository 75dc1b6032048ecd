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


class LinkRule(enum.StrEnum):
    """Why a source identity was linked to its person."""

    NUMBER = "number"
    OWN_LIST = "own_list"
    NAME_BIRTH_REGION = "name_birth_region"
    PHONE = "phone"
    NAME_VILLAGE = "name_village"
    HOUSEHOLD = "household"
    ALONE = "alone"
    DECIDED = "decided"


class ReviewKind(enum.StrEnum):
    """Why a steward must look at two records."""

    NUMBER_SHARED = "number_shared"
    AMBIGUOUS_FALLBACK = "ambiguous_fallback"


class Verdict(enum.StrEnum):
    """What a steward decided of two descriptions."""

    SAME = "same"
    DIFFERENT = "different"


class ActKind(enum.StrEnum):
    """On which occasion a steward decided."""

    REVIEW = "review"
    SPLIT = "split"
    MERGE = "merge"


class Category(enum.StrEnum):
    """The hardship identity (困难身份) that a household's schemes confirm, strongest first."""

    EXTREME_HARDSHIP = "extreme_hardship"
    MINIMUM_ALLOWANCE = "minimum_allowance"
    ALLOWANCE_EDGE = "allowance_edge"
    HEAVY_EXPENDITURE = "heavy_expenditure"
    MONITORED = "monitored"
    OTHER = "other"
