"""The menu: what an account may open, in groups."""

from collections.abc import Sequence
from dataclasses import dataclass

from relief.accounts.permissions import Permission
from relief.web.context import Actor, Stage


@dataclass(frozen=True, slots=True)
class Door:
    """One page of the menu, and what it is for.

    `city`: only for who works in the whole city; `system`: for who runs the system, too.
    """

    endpoint: str
    title: str
    text: str
    permission: Permission
    group: str
    city: bool = False
    system: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A door as the menu shows it."""

    endpoint: str
    title: str
    current: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Some doors under one heading."""

    title: str
    doors: Sequence[Item]


HOME = Door("console.home.show", "首页", "", Permission.SIGNED_IN, "工作台")
DOORS = (
    Door(
        "console.households.index",
        "困难户",
        "按区划、项目和类别查找困难户，查看家庭成员和救助情况。",
        Permission.SEE_HOUSEHOLDS,
        "救助对象",
    ),
    Door(
        "console.turn.my_turn",
        "轮到我办",
        "查看等待本部门、本岗位办理的环节，最紧急的在前。",
        Permission.WORK_CASES,
        "联审联批",
    ),
    Door(
        "console.cases.index",
        "申请事项",
        "查看工作区划内的全部申请：办到哪一步、何时到期、结果如何。",
        Permission.SEE_CASES,
        "联审联批",
    ),
    Door(
        "console.referrals.index",
        "转介",
        "登记发现的生活无着、身份不明的人，转给主管部门的接收单位；接收、查明身份或登记救助。",
        Permission.SEE_CASES,
        "联审联批",
    ),
    Door(
        "console.decision_lists.index",
        "清单审批",
        "把等待审批、没有疑点的同类申请列成清单，查看后一并签署，逐件报告结果。",
        Permission.DECIDE_CASES,
        "联审联批",
    ),
    Door(
        "console.signed_lists.index",
        "已签署的清单",
        "查看列有本人工作区划内申请的审批清单：谁签署、每件有什么疑点、结果如何。",
        Permission.READ_AUDIT,
        "联审联批",
    ),
    Door(
        "console.rises.index",
        "提标",
        "起草和发布新的救助标准，测算受影响的待遇，查看差异清单，另一人签署后统一调整和补发。",
        Permission.WORK_CASES,
        "联审联批",
    ),
    Door(
        "console.kin.show",
        "近亲属备案",
        "填报本人的近亲属，没有的也要填报；与申请家庭有近亲属关系的须回避。",
        Permission.WORK_CASES,
        "联审联批",
    ),
    Door(
        "console.delegating.show",
        "委托代办",
        "请假期间委托同事代为办理申请事项，查看自己代谁办理。",
        Permission.WORK_CASES,
        "联审联批",
    ),
    Door(
        "console.exports.index",
        "我的导出",
        "查看自己导出的名单，下载还在有效期内的文件。",
        Permission.EXPORT_HOUSEHOLDS,
        "救助对象",
    ),
    Door(
        "console.statistics.index",
        "救助统计",
        "按区划、项目、月份和年度查看救助人次和金额。",
        Permission.SEE_HOUSEHOLDS,
        "救助对象",
    ),
    Door(
        "console.helping.index",
        "帮扶覆盖情况",
        "按区划查看在册困难户有没有在任的帮扶责任人，逐户安排、移交和结束。",
        Permission.SEE_HELPERS,
        "救助对象",
    ),
    Door(
        "console.access.index",
        "查看审批",
        "审批查看完整身份证号、电话等信息的申请。",
        Permission.DECIDE_ACCESS,
        "救助对象",
    ),
    Door(
        "console.batches.index",
        "数据批次",
        "查看各部门报送文件的入库情况和退回行。",
        Permission.SEE_BATCHES,
        "数据归集",
    ),
    Door(
        "console.registers.index",
        "外部登记数据",
        "查看车辆、房产、社保等登记数据的报送情况、是否过期和依靠它的核验，上传和撤销文件。",
        Permission.SEE_REGISTERS,
        "数据归集",
        city=True,
    ),
    Door(
        "console.quality.index",
        "数据质量",
        "按部门和项目查看缺项、号码有误、部门间不一致、重复和迟报，下载问题清单。",
        Permission.SEE_BATCHES,
        "数据归集",
    ),
    Door(
        "console.reviews.index",
        "人工核对",
        "核对归并时不能确定是否同一人的记录。",
        Permission.SEE_LINK_REVIEWS,
        "数据归集",
    ),
    Door(
        "console.news.index",
        "政策资讯",
        "起草、发布和撤回小程序里给群众看的政策、办事指南和通知，查看历次版本和阅读人数。",
        Permission.SEE_NEWS,
        "政策宣传",
    ),
    Door(
        "console.accounts.index",
        "账号",
        "查看工作人员账号、角色和工作区划。",
        Permission.SEE_ACCOUNTS,
        "系统管理",
    ),
    Door(
        "console.procedures.index",
        "办理流程",
        "查看各项目的办理流程和历次版本，起草、检查和签署新版本。",
        Permission.SEE_PROCEDURES,
        "系统管理",
    ),
    Door(
        "console.text_messages.index",
        "发送记录",
        "查看发给群众手机的短信：内容、是否发出、试过几次、没有发出的原因。",
        Permission.SEE_TEXTS,
        "系统管理",
        system=True,
    ),
    Door(
        "console.audit.index",
        "审计日志",
        "按人员、操作和时间查审计日志，查看谁看过某人的信息，核对封存情况。",
        Permission.READ_AUDIT,
        "系统管理",
    ),
    Door(
        "console.grants.index",
        "授权审批",
        "审批其他安全管理员提出的角色、区划授权和动态验证码重置。",
        Permission.GRANT_ROLES,
        "系统管理",
    ),
)


# Pages that are reached from another part, and belong to it in the menu.
_WITHIN = {
    "console.persons": "console.households",
    "console.deciding": "console.households",
    "console.past": "console.households",
    "console.acts": "console.reviews",
    "console.applying": "console.households",
    "console.helper_files": "console.helping",
    "console.drafts": "console.procedures",
    "console.news_acts": "console.news",
    "console.edits": "console.procedures",
    "console.rosters": "console.cases",
    "console.settlements": "console.cases",
    "console.roster_acts": "console.cases",
    "console.referral_acts": "console.referrals",
}


def doors(actor: Actor) -> list[Door]:
    """Return what this account may open."""
    return [door for door in DOORS if actor.may(door.permission) and _within_reach(actor, door)]


def _within_reach(actor: Actor, door: Door) -> bool:
    if door.system:
        return actor.whole_system
    return actor.whole_city or not door.city


def menu(actor: Actor | None, endpoint: str) -> list[Group]:
    """Return the menu, with the part that `endpoint` belongs to marked."""
    if actor is None or actor.stage is not Stage.FULL:
        return []
    part = _part(endpoint)
    groups: dict[str, list[Item]] = {}
    for door in (HOME, *doors(actor)):
        item = Item(door.endpoint, door.title, _part(door.endpoint) == part)
        groups.setdefault(door.group, []).append(item)
    return [Group(title, items) for title, items in groups.items()]


def _part(endpoint: str) -> str:
    part = endpoint.rpartition(".")[0]
    return _WITHIN.get(part, part)
