"""What the acts that enter a roster, or one at a counter, are called: tables of `labels.LABELS`."""

WORDS: dict[str, dict[str, str]] = {
    "roster_act_status": {"running": "正在录入", "stopped": "已停止", "done": "已办完"},
    "roster_act_tone": {"running": "warn", "stopped": "bad", "done": "good"},
    "roster_place_status": {"listed": "等待录入", "entered": "已录入", "not_entered": "未录入"},
    "roster_place_tone": {"listed": "plain", "entered": "good", "not_entered": "bad"},
    "not_entered": {
        "gone": "已不在本人的工作范围，或登记已变动",
        "dead": "已去世",
        "under_way": "同一项目正在申请",
        "elsewhere": "不在所选的区划",
        "member": "按户救助，由户主申请",
        "off_roster": "已享受、已在名册，或没有有效的认定身份、不在部门报送的名单上",
        "kin": "与本人有近亲属关系，须由他人录入",
        "blocked": "受理前的核验没有通过",
        "failed": "没有录入",
    },
}
ACTIONS = {
    "roster_act:begun": "发起批量补办",
    "roster_act:resumed": "继续批量补办",
    "roster_act:stopped": "批量补办停止",
    "roster_act:done": "批量补办办完",
    "person:found_by_number": "在结算窗口按身份证号码找到人员",
    "person:not_found_by_number": "在结算窗口按身份证号码没有找到人员",
}
