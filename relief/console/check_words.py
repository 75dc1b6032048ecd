"""What the findings of the checks are called: tables of `labels.LABELS`."""

WORDS: dict[str, dict[str, str]] = {
    "grade": {"note": "提示", "doubt": "疑点", "block": "须先改正"},
    "doubt_verdict": {
        "unfounded": "疑点排除",
        "settled": "属实，已经处理",
        "confirmed": "属实，不符合条件",
    },
    "how": {"list": "部门名册", "entitlement": "已开立的待遇", "case": "正在办理的申请"},
    "evidence": {
        "member": "家庭成员",
        "official": "工作人员",
        "lists": "名册",
        "scheme": "项目",
        "how": "来源",
        "rule": "规则",
        "died_on": "死亡日期",
        "signed_on": "签署日期",
        "reported_on": "核对日期",
        "months": "有效期（月）",
        "year": "年度",
        "age": "周岁",
        "limits": "年龄条件",
        "households": "户数",
    },
}
