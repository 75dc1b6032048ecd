"""What the rules on payees refuse, and by which rule."""

from relief.core.errors import Conflict, Forbidden, Invalid, NotFound


class PaysNoCash(Conflict):
    code = "pays-no-cash"
    title = "这个项目不发放资金，不登记收款账户"


class PayeeOpen(Conflict):
    code = "payee-open"
    title = "已有一项收款账户的登记在等待确认，须先确认或撤回"


class PayeeNotProposed(Conflict):
    """Nothing waits to be confirmed, or something else than was looked at."""

    code = "payee-not-proposed"
    title = "这项收款账户的登记已经办理，或已经撤回"


class PayeeNotFound(NotFound):
    code = "payee-not-found"
    title = "没有这项收款账户"


class OwnPayee(Forbidden):
    """Two pairs of eyes: who enters an account does not confirm it (不相容岗位分离)."""

    code = "own-payee"
    title = "登记收款账户的人不得自己确认，代其办理的也不得确认（不相容岗位分离）"


class AccountNumber(Invalid):
    code = "account-number"
    title = "账号不正确：应为 8 至 32 位数字或字母"


class CardNumber(Invalid):
    """The check digit of a card does not fit (GB/T 17552)."""

    code = "card-number"
    title = "银行卡号不正确：应为 16 至 19 位数字，且末位校验码相符（GB/T 17552）"


class BankCode(Invalid):
    code = "bank-code"
    title = "开户行联行号应为 12 位数字"


class PayeePhone(Invalid):
    code = "payee-phone"
    title = "联系电话不正确"


class HolderMismatch(Invalid):
    """The holder of the account is not who the aid is for (rule A22)."""

    code = "holder-mismatch"
    title = (
        "户名与申请人姓名不一致；由他人代领的，请选择监护人或机构，并写明证明（A22 账户与本人不符）"
    )


class PayeeForm(Invalid):
    """A person has a card or a passbook, an institution a corporate account."""

    code = "payee-form"
    title = "申请人本人和监护人用银行卡或存折，供养机构、医院和学校用对公账户"


class GuardianRelation(Invalid):
    code = "guardian-relation"
    title = "监护人收款的，请写明监护人与申请人的关系；其他收款人不写关系"
