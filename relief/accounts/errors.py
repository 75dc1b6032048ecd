"""What goes wrong with accounts and sign-in."""

from relief.core.errors import Conflict, Forbidden, Invalid, NotFound


class AccountNotFound(NotFound):
    code = "account-not-found"
    title = "没有这个账号"


class UsernameTaken(Conflict):
    code = "username-taken"
    title = "登录名已被使用"


class RoleDoesNotFitPost(Conflict):
    code = "role-does-not-fit-post"
    title = "该角色与账号的岗位互斥，不能授予"


class UnknownDepartment(Invalid):
    code = "unknown-department"
    title = "没有这个部门"


class WeakPassword(Invalid):
    code = "weak-password"
    title = "密码不符合要求"


class OwnAccount(Forbidden):
    code = "own-account"
    title = "不能变更自己账号的角色、区划、状态和动态验证码"


class WrongPassword(Invalid):
    code = "wrong-password"
    title = "现在的密码不正确"


class CodeRequired(Forbidden):
    code = "code-required"
    title = "请先输入动态验证码"


class PasswordExpired(Forbidden):
    code = "password-expired"
    title = "密码已过期或须由本人重设，请先修改密码"


class EnrolmentRequired(Forbidden):
    code = "enrolment-required"
    title = "您的角色要求动态验证码，请先绑定"


class StepUpRequired(Forbidden):
    code = "step-up-required"
    title = "请先验证身份，5 分钟内再办理；这次提交的内容没有保存"


class AlreadyEnrolled(Conflict):
    code = "already-enrolled"
    title = "已经绑定动态验证码；更换设备请联系安全管理员重置"


class NotEnrolling(Conflict):
    code = "not-enrolling"
    title = "还没有开始绑定动态验证码"


class WrongCode(Invalid):
    code = "wrong-code"
    title = "验证码不正确或已经用过，请等待下一个验证码"


class SessionNotFound(NotFound):
    code = "session-not-found"
    title = "没有这个登录，或者它已经结束"


class ProposalNotFound(NotFound):
    code = "proposal-not-found"
    title = "没有这个授权申请"


class ProposalDecided(Conflict):
    code = "proposal-decided"
    title = "这个授权申请已经办结"


class AlreadyGranted(Conflict):
    code = "already-granted"
    title = "账号已经有这项授权"


class NothingToReset(Conflict):
    code = "nothing-to-reset"
    title = "账号没有绑定动态验证码"


class OwnProposal(Forbidden):
    code = "own-proposal"
    title = "不能审批自己提出的或者关于自己的授权申请"
