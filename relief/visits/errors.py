"""What the rules on helpers refuse, and by which rule."""

from relief.core.errors import Conflict, Invalid, NotFound


class HelperNotFound(NotFound):
    code = "helper-not-found"
    title = "没有这名帮扶责任人"


class AssignmentNotFound(NotFound):
    code = "helper-assignment-not-found"
    title = "没有这项帮扶安排"


class HelperLeft(Conflict):
    code = "helper-left"
    title = "此人已离任，不能再安排联系户"


class HelperElsewhere(Conflict):
    """What is recorded of a helper holds for all their households: design decision 7."""

    code = "helper-elsewhere"
    title = "此人在您的工作范围以外也有联系户，由能看到其全部联系户的市级管理人员办理"


class HelperKnown(Conflict):
    code = "helper-known"
    title = "已有同名同手机号的在任帮扶责任人"


class AssignmentOverlaps(Conflict):
    code = "helper-assignment-overlaps"
    title = "此人在这一期间已是这一户的帮扶责任人"


class AssignmentEnded(Conflict):
    code = "helper-assignment-ended"
    title = "这项帮扶安排已经结束"


class AssignmentNotBegun(Conflict):
    code = "helper-assignment-not-begun"
    title = "这项帮扶安排还没有开始，不能作为第一联系人"


class ChangedMeanwhile(Conflict):
    code = "helper-assignments-changed"
    title = "别人刚刚改动了这一户的帮扶安排，请刷新后再试"


class NothingToTransfer(Conflict):
    code = "nothing-to-transfer"
    title = "此人在您的工作区划内没有可移交的联系户"


class RatioExceeded(Conflict):
    """One person can stand by so many households: parameter `helper_households_max`."""

    code = "helper-ratio-exceeded"
    title = "超过每名帮扶责任人联系户数的上限，确需安排的请写明理由"


class HelperName(Invalid):
    code = "helper-name"
    title = "请填写帮扶责任人的姓名和所在单位，各不超过 80 个字"


class HelperPhone(Invalid):
    code = "helper-phone"
    title = "帮扶责任人的联系电话不正确"


class HelperAccount(Invalid):
    code = "helper-account"
    title = (
        "没有这个工作人员账号，或账号已停用、已属于另一名帮扶责任人，"
        "或没有帮扶责任人角色，或工作区划不含此人的联系户"
    )


class AssignmentDays(Invalid):
    code = "helper-assignment-days"
    title = "帮扶期限不正确：结束日期不得早于开始日期和今日"


class FirstLater(Invalid):
    code = "first-contact-later"
    title = "第一联系人须从今日或更早的日期起安排"


class SuccessorIsSame(Invalid):
    code = "successor-is-same"
    title = "接任人不能是移交人本人"


class LeftOn(Invalid):
    code = "helper-left-on"
    title = "离任日期不得晚于今日"


class HelperChanged(Conflict):
    code = "helper-changed"
    title = "别人刚刚改过这名帮扶责任人的信息，请刷新后再改"
