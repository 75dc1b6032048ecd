"""What goes wrong between the mini program and who uses it."""

from relief.core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable


class ConsentMissing(Forbidden):
    code = "consent-missing"
    title = "请先阅读并同意隐私政策"


class PolicyOutdated(Conflict):
    code = "policy-outdated"
    title = "隐私政策已有新的版本，请重新阅读后再同意"


class RoleMissing(Forbidden):
    code = "role-missing"
    title = "当前微信号没有这项功能需要的身份"


class HouseholdCodeInvalid(Invalid):
    code = "household-code-invalid"
    title = "绑定码无效、已使用、已作废或已过期，请联系经办人重新领取"


class PhoneNotRegistered(Invalid):
    code = "phone-not-registered"
    title = "该手机号与绑定码所属家庭登记的手机号不一致，请使用登记的手机号或到窗口更新"


class PhoneOfSeveral(Invalid):
    code = "phone-of-several"
    title = "该手机号登记在多名家庭成员名下，请到窗口办理"


class RegistryBusy(Unavailable):
    code = "registry-busy"
    title = "正在更新困难群众信息，请稍后再试"


class AlreadyBound(Conflict):
    code = "already-bound"
    title = "当前微信号已经绑定，请先解除原来的绑定"


class HelperCodeInvalid(Invalid):
    code = "helper-code-invalid"
    title = "绑定口令无效、已使用或已过期，请在管理端重新获取"


class HelperAlreadyBound(Conflict):
    code = "helper-already-bound"
    title = "您的账号已绑定微信，请先解除"


class CodeNotFound(NotFound):
    code = "household-code-not-found"
    title = "没有这个绑定码，或者它已经使用、作废"


class BindingNotFound(NotFound):
    code = "binding-not-found"
    title = "没有这个绑定，或者它已经解除"


class NobodyToBind(Conflict):
    code = "nobody-to-bind"
    title = "该户没有家庭成员，不能发放绑定码"
