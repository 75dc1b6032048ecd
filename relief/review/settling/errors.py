"""What goes wrong where somebody is entered by their identity number."""

from relief.core.errors import Conflict, Invalid, NotFound


class NotSettled(Conflict):
    code = "not-entered-by-settlement"
    title = "这个救助项目不在结算窗口办理，请到居住地乡镇（街道）窗口申请"


class NotANumber(Invalid):
    code = "bad-citizen-id"
    title = "身份证号码不正确，请核对证件"


class NotHere(NotFound):
    """One answer for all reasons, so that nobody learns who is in the registry."""

    code = "settlement-person-not-found"
    title = (
        "没有找到这个人：号码或姓名与登记不一致，登记中没有，或不住在本人的工作区划；"
        "可以到居住地乡镇（街道）窗口申请"
    )
