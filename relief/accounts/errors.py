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
    title = "密码长度应为 12 至 128 个字符"


class OwnAccount(Forbidden):
    code = "own-account"
    title = "不能变更自己账号的角色、区划和状态"
