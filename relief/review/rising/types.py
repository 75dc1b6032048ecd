"""Words of standard rises that other rooms use too."""

import enum
from collections.abc import Mapping

from relief.review.lists.types import EntryStatus


class RiseStatus(enum.StrEnum):
    """Where a rise stands."""

    DRAWING = "drawing"  # the list of differences is being worked out
    DRAWN = "drawn"  # to be looked at, and signed by somebody else
    SIGNED = "signed"  # what it gives is being decided
    STOPPED = "stopped"  # the rest waits
    DONE = "done"
    CANCELLED = "cancelled"  # what was decided stays


class RiseReason(enum.StrEnum):
    """Why an entitlement is not raised with the others."""

    SAME = "same"  # the sum is the same
    FALLS = "falls"  # it would be less: only after the family was heard
    NOT_MET = "not_met"  # a condition of the rule does not hold any more
    MISSING = "missing"  # a fact is not known
    BY_HAND = "by_hand"  # no rule made the sum: it departs from it, or was changed
    CHANGING = "changing"  # a reduction or stop is under way
    PIECES = "pieces"  # something else was granted since the day from which more is owed
    PARTIAL = "partial"  # it began in the middle of a month
    KIN = "kin"
    STOOD_BACK = "stood_back"
    CHANGED = "changed"  # since the list was drawn
    OWN_STANDARD = "own_standard"  # the county has one of its own, which did not change
    GONE = "gone"  # not in payment any more
    FAILED = "failed"


class RiseStop(enum.StrEnum):
    """Why a rise stands still."""

    PERSON = "person"
    AUTHORITY = "authority"  # who signed it may not decide any more
    DIGEST = "digest"  # what is kept is not what was signed
    LATE = "late"  # the month of the first higher payment is over


# What files and pages call them.
STATUSES: Mapping[EntryStatus, str] = {
    EntryStatus.LISTED: "待调整",
    EntryStatus.LEFT_OUT: "未列入",
    EntryStatus.DECIDED: "已调整",
    EntryStatus.NOT_DECIDED: "未调整",
}
REASONS: Mapping[RiseReason, str] = {
    RiseReason.SAME: "金额不变",
    RiseReason.FALLS: "按新标准测算金额减少，不在提标中降低；须听取意见后按减发办理",
    RiseReason.NOT_MET: "按新标准测算不符合条件，不在提标中停发；须听取意见后办理",
    RiseReason.MISSING: "缺少计算所需的事实，须由人办理",
    RiseReason.BY_HAND: "金额不是由规则算出（偏离规则、人工决定或已调整过），须由人办理",
    RiseReason.CHANGING: "正在办理减发或停发",
    RiseReason.PIECES: "新标准起始日以来还有另一段待遇，补发须由人核定",
    RiseReason.PARTIAL: "待遇不是从某月 1 日起，补发须由人核定",
    RiseReason.KIN: "与经办人有近亲属关系，应当回避",
    RiseReason.STOOD_BACK: "经办人已回避",
    RiseReason.CHANGED: "生成清单后情况有变化",
    RiseReason.OWN_STANDARD: "所在区县执行本区县的标准，市级新标准不适用",
    RiseReason.GONE: "待遇已经终止",
    RiseReason.FAILED: "未能办理",
}
