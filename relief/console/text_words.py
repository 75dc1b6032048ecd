"""What the states of a text message are called: tables of `labels.LABELS`."""

WORDS: dict[str, dict[str, str]] = {
    "text_status": {
        "pending": "等待发送",
        "sending": "正在发送",
        "sent": "服务商已接收",
        "delivered": "已送达",
        "failed": "未能发送",
        "unknown": "结果不明",
        "expired": "已过期，未发送",
    },
    "text_tone": {
        "pending": "plain", "sending": "warn", "sent": "good", "delivered": "good",
        "failed": "bad", "unknown": "warn", "expired": "bad",
    },
    "text_reason": {
        "quiet-hours": "免打扰时段，结束后发送",
        "day-limit": "这个号码今天收到的短信已达上限，次日发送",
        "try-again": "服务商这次没有接收，稍后再试",
        "phone-unreadable": "号码暂时无法解密，稍后再试",
        "no-number": "号码已删除，短信无法送达，须另行告知",
        "too-old": "等待超过时限，不再发送，须另行告知",
        "no-template": "短信模板已不存在，须另行告知",
        "unfit-values": "内容不符合模板的要求，须另行告知",
        "not-a-mobile": "不是手机号码，短信无法送达，须另行告知",
        "refused": "服务商拒绝发送，须另行告知",
        "given-up": "多次尝试后服务商仍未接收，须另行告知",
        "no-reply": "没有收到服务商的答复，可能已经发出；为避免重复，不会自动重发",
        "abandoned": "发送途中程序中断，可能已经发出；为避免重复，不会自动重发",
    },
    "text_provider": {"fake": "模拟发送（未真正发出）"},
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "text_message:sent": "短信已交服务商",
    "text_message:failed": "短信未能发送",
    "text_message:unknown": "短信发送结果不明",
    "text_message:expired": "短信过期未发送",
}
