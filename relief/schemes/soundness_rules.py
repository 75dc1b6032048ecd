"""The rules by which procedures are proved sound: what each asks, and where it comes from."""

import enum
from collections.abc import Mapping

_ORDER = "平台规则：办理流程须能从头走到决定（设计决定第 16 号）"
_REVIEW = "平台规则：谁办、谁审、谁决定须能逐件查明（设计决定第 16 号）"
_LIMITS = "平台规则：环节期限不得早于所等环节，合计不得超过总时限（设计决定第 16 号）"
_LISTS = "平台规则：清单审批只用于逐件核对过、金额有上限的项目（设计决定第 23 号）"
_HONOUR = "社会救助经办须保护申请人个人信息和隐私；学校资助公示不得涉及个人及家庭隐私（依据待核实）"


class Rule(enum.StrEnum):
    """Which rule a fault breaks. Codes are part of the API."""

    USED = "used"
    REACHED = "reached"
    WAITS = "waits"
    EVENT = "event"
    OWNER = "owner"
    JOINT_OWNER = "joint-owner"
    SCHOOL_NOTICE = "school-notice"
    CONCEALED = "concealed"
    ONE_DECISION = "one-decision"
    COUNTERSIGN = "countersign"
    PRECEDES = "precedes"
    IN_TIME = "in-time"
    TOTAL = "total"
    IN_FORCE = "in-force"
    DEPARTMENT = "department"
    LEAD = "lead"
    JOINT = "joint"
    APPLICATION = "application"
    ROSTER = "roster"
    SIGNED_LIST = "signed-list"
    NO_NOTICE = "no-notice"
    COUNTY_STANDARD = "county-standard"  # a value that a county has of its own
    CALCULATION = "calculation"  # of a rule of calculation, and of no procedure


# What the rule asks, and its source; a fault may name a nearer source: the law of that procedure.
MEANINGS: Mapping[Rule, tuple[str, str]] = {
    Rule.USED: ("每个流程都有救助项目使用", _ORDER),
    Rule.REACHED: ("每个环节都能开始并办结", _ORDER),
    Rule.WAITS: ("所等的环节在本流程中", _ORDER),
    Rule.EVENT: ("起算事件已登记，并且只由一个环节产生或来自流程之外", _ORDER),
    Rule.OWNER: ("每个环节在各地都有承办方", _REVIEW),
    Rule.JOINT_OWNER: ("联审环节由各联审部门承办", _REVIEW),
    Rule.SCHOOL_NOTICE: ("学校的公示不公开家庭困难情况", _HONOUR),
    Rule.CONCEALED: ("只有公示可以注明不公开困难情况", _ORDER),
    Rule.ONE_DECISION: ("决定由且只由一个审核确认环节作出", _REVIEW),
    Rule.COUNTERSIGN: (
        "第二人签字从决定起算",
        "平台规则：先行救助须有第二人签字（设计决定第 27 号）",
    ),
    Rule.PRECEDES: ("审核确认之前须办结受理、核对、联审和公示", _REVIEW),
    Rule.IN_TIME: ("环节的期限不早于所等环节的期限", _LIMITS),
    Rule.TOTAL: ("各环节相加不超过总时限", _LIMITS),
    Rule.IN_FORCE: ("每个救助项目都有生效的办理流程", _ORDER),
    Rule.DEPARTMENT: ("参加联审的部门存在", _REVIEW),
    Rule.LEAD: ("主办部门参加联审", _REVIEW),
    Rule.JOINT: ("有多个部门参加的，须并联会审", _REVIEW),
    Rule.APPLICATION: ("须申请的项目，从申请或开学起能办到决定", _ORDER),
    Rule.ROSTER: (
        "按名单进入的项目，有认可的身份或提取名单的登记库",
        "平台规则：名单从已认定的身份或部门报送的登记提取（设计决定第 42 号）",
    ),
    Rule.SIGNED_LIST: ("清单审批的条件", _LISTS),
    Rule.CALCULATION: (
        "计算规则能读懂，所用的参数和事实都有，单位相符",
        "平台规则：决定所依据的计算须能逐步说明（设计决定第 22 号）",
    ),
    Rule.COUNTY_STANDARD: (
        "区县只另定允许区县另定的标准，并且不低于市级标准",
        "平台规则：区县标准在市级框架内确定（设计决定第 36 号）",
    ),
    Rule.NO_NOTICE: ("依法不得公示的，流程没有公示环节", "本项目的法律依据"),
}
