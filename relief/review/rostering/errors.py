"""What goes wrong where many are entered from a roster."""

from relief.core.errors import Conflict, Invalid, NotFound


class ActNotFound(NotFound):
    code = "roster-act-not-found"
    title = "没有这次批量补办"


class NobodyMissing(Conflict):
    code = "roster-nobody-missing"
    title = "所选范围内没有需要补办的人"


class TooManyNamed(Invalid):
    code = "roster-too-many-named"
    title = "指定的人数超过一次批量补办的上限"


class ActRuns(Conflict):
    code = "roster-act-runs"
    title = "这个项目的上一次批量补办还没有办完，请等它办完再发起"


class ActNotStopped(Conflict):
    code = "roster-act-not-stopped"
    title = "这次批量补办没有停止，不用继续"


class MayNotEnter(Conflict):
    code = "roster-act-not-yours"
    title = "本人已不能为这个部门录入申请"
