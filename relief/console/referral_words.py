"""What referrals are called: tables of `labels.LABELS`."""

WORDS: dict[str, dict[str, str]] = {
    "referral_status": {
        "waiting": "等待接收",
        "taken_in": "已接收，身份待查",
        "case": "已接收，正在办理",
        "refused": "不予接收",
        "closed": "救助结束，身份未查明",
    },
    "referral_tone": {
        "waiting": "warn",
        "taken_in": "warn",
        "case": "good",
        "refused": "bad",
        "closed": "plain",
    },
    "found_by": {
        "police": "公安民警",
        "urban_management": "城市管理人员",
        "station": "救助站、街面救助点",
        "community": "村（社区）工作人员",
        "hospital": "医院",
        "department": "其他部门",
        "citizen": "群众",
        "self": "本人求助",
    },
    "referral_step": {
        "referred": "登记转介",
        "handed_on": "转交其他接收单位",
        "found": "按身份证号码在登记中找到",
        "taken_in": "接收，先行救助，身份待查",
        "case_begun": "查明身份，开始办理申请事项",
        "refused": "不予接收",
        "closed": "救助结束，身份未查明",
    },
    "aid_end": {
        "left": "自行离开",
        "returned": "护送返乡或交亲属",
        "hospital": "送医治疗",
        "institution": "安置在托养、福利机构",
        "police": "移交公安机关",
        "died": "去世",
    },
}
ACTIONS = {
    "referral:referred": "登记转介",
    "referral:handed_on": "转交转介",
    "referral:found": "查明被转介人的登记",
    "referral:taken_in": "接收被转介人，身份待查",
    "referral:case_begun": "由转介开始办理申请事项",
    "referral:refused": "不予接收转介",
    "referral:closed": "登记身份未查明人员的救助",
    "referral:viewed": "查看转介",
    "referrals:told": "催办转介",
    "person:found_for_referral": "为转介查找并找到人员",
    "person:not_found_for_referral": "为转介查找没有找到人员",
    "account:look_ups_blocked": "查找被转介人没有找到的次数过多，暂停查找",
}
