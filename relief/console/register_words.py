"""What the registers and their files are called: tables of `labels.LABELS`."""

WORDS: dict[str, dict[str, str]] = {
    "register_supply": {
        "missing": "没有数据",
        "partial": "只有变更",
        "stale": "已过期",
        "current": "有效",
    },
    "register_supply_tone": {
        "missing": "bad", "partial": "warn", "stale": "warn", "current": "good",
    },
    "register_effect": {
        "missing": "没有数据：这些核验不会发现任何情况，没有疑点不等于没有问题。",
        "partial": "只收到过变更，没有收到过全量：没有变更过的登记无法比对，核验结果不完整。",
        "stale": "数据超过应更新的天数：核验结果可能已经变化，须另行核实。",
        "current": "数据在有效期内。",
    },
    "register_roster_effect": {
        "missing": "没有数据：名单上没有人，不等于没有需要救助的人。",
        "partial": "只收到过变更，没有收到过全量：名单不完整。",
        "stale": "数据超过应更新的天数：名单可能不全，也可能列有已经不符合的人。",
        "current": "数据在有效期内。",
    },
    "register_content": {"whole": "全量", "changes": "变更"},
    "register_status": {
        "loaded": "已入库",
        "failed": "未能读取",
        "repeated": "重复文件，未入库",
        "undone": "已撤销",
    },
    "register_status_tone": {
        "loaded": "good", "failed": "bad", "repeated": "plain", "undone": "plain",
    },
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "register_batch:loaded": "登记数据文件入库",
    "register_batch:repeated": "收到重复的登记数据文件",
    "register_batch:failed": "登记数据文件未能读取",
    "register_batch:undone": "撤销登记数据批次",
    "register_batch:rejected_rows_taken": "下载登记数据的退回行",
}
