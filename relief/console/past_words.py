"""What is said of a household as it was: tables of `labels.LABELS`."""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "presence": {
        "named": "名册在列",
        "not_yet": "当日尚无名册提到",
        "no_longer": "当日已无名册提到",
        "unborn": "尚未出生",
        "dead": "已去世",
        "never": "没有名册提到",
    },
    "untold": {
        "origins": "当时各项信息取自哪份文件：变更记录只保存信息本身。",
        "address": "当日的住址、区划和联系电话：名册没有按日记载，下面是系统所载的值。",
        "relation": "当日的户主和与户主关系：下面是系统所载的值。",
        "former_members": "当日在此户、现已归入别户的人：不在下表，可按当时所知查看。",
        "unnamed": "没有名册提到的人，当日是否在户。",
        "category": "当日的困难类别：要看各部门的项目，本部门不能判断。",
        "others_lists": "其他部门的名册是否提到某人：这里只看本部门的名册。",
    },
}
