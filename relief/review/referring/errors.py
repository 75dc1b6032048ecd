"""What goes wrong with referrals."""

from relief.core.errors import Conflict, Forbidden, Invalid, NotFound


class ReferralNotFound(NotFound):
    code = "referral-not-found"
    title = "没有这件转介"


class NotByReferral(Conflict):
    code = "not-entered-by-referral"
    title = "这个救助项目不由转介进入"


class ReferralAnswered(Conflict):
    code = "referral-answered"
    title = "这件转介已经答复，或还没有接收，不能这样办理"


class NotReceiving(Forbidden):
    code = "not-receiving-office"
    title = "这件转介由接收单位办理"


class RegionTooWide(Invalid):
    code = "referral-region-too-wide"
    title = "请选择到乡镇（街道），以便确定接收单位"


class FoundLater(Invalid):
    code = "referral-found-later"
    title = "发现时间不能晚于现在"


class SameOffice(Invalid):
    code = "referral-same-office"
    title = "转介已经在这个接收单位"


class NothingToLookUp(Invalid):
    code = "nothing-to-look-up"
    title = "请填写身份证号码或姓名；登记转介时没有留下号码"


class NotIdentified(Conflict):
    code = "referral-not-identified"
    title = "还没有在登记中找到这个人，请先按身份证号码查找"


class AidTooMuch(Invalid):
    code = "referral-aid-too-much"
    title = "费用超过这个救助项目一次救助的上限"


class AidDay(Invalid):
    code = "referral-aid-day"
    title = "救助结束的日期不能早于接收之日，也不能晚于今天"
