"""What is said of helpers (帮扶责任人): tables of `labels.LABELS`, and parts of some."""

WORDS: dict[str, dict[str, str]] = {
    "covered": {
        "helped": "有在任帮扶责任人",
        "unhelped": "没有在任帮扶责任人",
        "left": "帮扶责任人离任或账号停用",
    },
    "helper_end": {
        "ended": "结束",
        "transferred": "移交",
        "household_gone": "户已不在库",
    },
}
PERMISSIONS: dict[str, str] = {
    "see-helpers": "查看帮扶责任人和覆盖情况",
    "assign-helpers": "安排和移交帮扶责任人",
}
SUBJECTS: dict[str, str] = {"helper": "帮扶责任人", "helper_file": "帮扶安排文件"}
ACTIONS: dict[str, str] = {
    "helper_file:loaded": "办理帮扶安排文件",
    "helper:added": "登记帮扶责任人",
    "helper:changed": "更正帮扶责任人信息",
    "helper:left": "登记帮扶责任人离任",
    "helper:transferred": "移交帮扶责任人的联系户",
    "household:helper_assigned": "安排帮扶责任人",
    "household:helper_ended": "结束帮扶安排",
    "household:helper_first": "更换第一联系人",
    "household:helper_moved": "帮扶安排随归并转到此户",
    "household:helper_transferred": "帮扶安排移交接任人",
}
