"""What goes wrong in the registry."""

from relief.core.errors import Invalid, NotFound


class HouseholdNotFound(NotFound):
    code = "household-not-found"
    title = "没有这户家庭"


class PersonNotFound(NotFound):
    code = "person-not-found"
    title = "没有这个人"


class NothingToUnmask(Invalid):
    code = "nothing-to-unmask"
    title = "请选择要查看的项目"
