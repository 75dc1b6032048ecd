"""What happens to accounts of the mini program, in words: a part of `labels.LABELS`."""

ACTIONS: dict[str, str] = {
    "account:mini_bound": "绑定帮扶责任人微信",
    "account:mini_code_issued": "生成微信绑定口令",
    "account:mini_unbound": "解除帮扶责任人微信绑定",
    "person:mini_bound": "绑定小程序",
    "person:mini_code_issued": "发放小程序绑定码",
    "person:mini_code_revoked": "作废小程序绑定码",
    "person:mini_moved": "小程序绑定随人员合并转移",
    "person:mini_unbound": "解除小程序绑定",
    "mini_account:bind_blocked": "小程序绑定尝试过多，暂停绑定",
    "mini_account:bind_failed": "小程序绑定失败",
    "mini_account:agreed": "同意小程序隐私政策",
    "mini_account:consent_withdrawn": "撤回小程序隐私政策同意",
    "mini_account:created": "首次登录小程序",
    "mini_account:sessions_ended": "结束小程序全部登录",
    "mini_account:signed_in": "登录小程序",
    "mini_account:signed_out": "退出小程序",
    "mini_account:sign_in_failed": "小程序登录失败",
}
