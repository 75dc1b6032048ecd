"""What the rules on home surveys refuse, and by which rule."""

from relief.core.errors import Conflict, Invalid


class SurveyMissing(Conflict):
    """No opinion is given before two were at the home (民发〔2021〕57号第十六条)."""

    code = "survey-missing"
    title = (
        "须先登记入户调查：每组调查人员不少于 2 人，调查表由调查人员和申请人签字"
        "（民发〔2021〕57号第十六条）"
    )


class NoSurveyDue(Conflict):
    code = "survey-not-due"
    title = "这个申请事项没有等待入户调查的环节"


class SurveyedBefore(Conflict):
    code = "surveyed-before"
    title = "已经登记过入户调查"


class SurveyByTwo(Invalid):
    """A survey is made by two at least; who approves is none of them."""

    code = "survey-by-two"
    title = (
        "入户调查须由承办部门在当地的两名经办人或审核人共同进行，审批人不参加"
        "（民发〔2021〕57号第十六条；不相容岗位分离）"
    )


class SurveyUnsigned(Invalid):
    """Both sides sign the sheet; a witness for who does not is this product's rule."""

    code = "survey-unsigned"
    title = (
        "调查表须由两名调查人员和申请人签字，并上传签字后的照片或扫描件；申请人拒绝或者不能签字的，"
        "写明原因，由见证人签字（民发〔2021〕57号第十六条）"
    )


class SurveyDay(Invalid):
    code = "survey-day"
    title = "入户日期不能早于受理之日，也不能晚于今天"


class SheetKept(Conflict):
    code = "survey-sheet-kept"
    title = "这份材料是登记了的入户调查表，不能撤下"
