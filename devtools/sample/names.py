"""Names for people who do not exist.

The frequencies are invented, only alike to what one meets in the north-east: common surnames
first, double surnames, names of minorities written with a middle dot, and characters so rare
that some systems cannot hold them.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Strings = npt.NDArray[np.str_]
Ints = npt.NDArray[np.int64]

SURNAMES = (
    "王李张刘陈杨赵孙周吴徐于马姜高宋林郭何郑罗梁谢唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任"
    "沈姚卢傅崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤关佟那"
)
DOUBLE_SURNAMES = (
    "欧阳",
    "司徒",
    "上官",
    "诸葛",
    "慕容",
    "司马",
    "东方",
    "尉迟",
    "完颜",
    "爱新觉罗",
)
RARE = (
    "㛃",
    "䶮",
    "𬭎",
    "喆",
    "堃",
    "犇",
    "淼",
    "垚",
    "翀",
    "昇",
    "赟",
    "彧",
    "祎",
    "媖",
    "𬀩",
    "𠅤",
)
DOTTED_FIRST = (
    "阿依古丽",
    "古丽娜尔",
    "买买提",
    "阿不都拉",
    "艾合买提",
    "帕提古丽",
    "叶尔兰",
    "巴合提",
)
DOTTED_LAST = ("吐尔逊", "艾山", "库尔班", "热合曼", "玉素甫", "卡德尔", "伊敏", "木拉提")

_OLD_MEN = "国建志德玉永文福春振庆学忠贵宝成明占有广洪兴民军殿海山林清长凤连喜"
_OLD_WOMEN = "秀桂玉淑凤兰英华珍芝云芬芳荣琴香清素霞春月梅艳文亚丽红金敏杰"
_MEN = "伟强磊军勇杰涛明超刚平辉鹏斌波宁健峰龙飞旭凯浩洋鑫亮东宇岩松"
_WOMEN = "静丽娜敏艳娟燕玲霞丹红莉婷雪倩颖晶欣洁琳佳楠慧莹薇冬岚萍双"
_BOYS = "宇浩子轩博泽俊皓明睿嘉梓航一辰铭奕晨瑞阳佑霖墨诚恩"
_GIRLS = "子梓雨欣涵怡诗若萱可馨琪悦一诺婉彤瑶依语思妍佳艺紫晗"
# by era (born before 1965, before 2000, later) and sex (0 woman, 1 man)
_ERAS = (1965, 2000)
_RARE_SHARE = 0.01
_GIVEN = ((_OLD_WOMEN, _OLD_MEN), (_WOMEN, _MEN), (_GIRLS, _BOYS))

# Written for one another by ear: the first line's characters become the second's.
HOMOPHONES = (
    "伟静丽强军芳敏英玉国建志德永文秀桂淑凤兰华珍云琴香霞梅红涛明超辉波宇浩子轩欣涵怡诗佳",
    "玮婧莉墙君方闵瑛钰帼健治得咏雯绣贵树奉岚桦真芸勤湘侠玫洪焘铭朝晖博羽皓梓萱鑫含宜时嘉",
)


def surnames(rng: np.random.Generator, count: int) -> Strings:
    """Draw family names: a few very common, many rare, 0.6 % of two and more characters."""
    pool = np.array([*SURNAMES, *DOUBLE_SURNAMES])
    weights = 1.0 / (np.arange(len(SURNAMES)) + 3.0)
    weights = np.concatenate([weights / weights.sum() * 0.994, np.full(len(DOUBLE_SURNAMES), 6e-4)])
    return pool[rng.choice(len(pool), count, p=weights / weights.sum())]


def given_names(rng: np.random.Generator, is_man: Ints, birth_year: Ints) -> Strings:
    """Draw given names that fit sex and age; one or two characters, 1 % with a rare one."""
    era = np.searchsorted(_ERAS, birth_year, side="right")
    out = np.empty(len(is_man), dtype="<U4")
    for e, by_sex in enumerate(_GIVEN):
        for sex, characters in enumerate(by_sex):
            where = np.flatnonzero((era == e) & (is_man == sex))
            out[where] = _draw(rng, np.array(list(characters)), len(where), single=0.25 - 0.05 * e)
    rare = np.flatnonzero(rng.random(len(out)) < _RARE_SHARE)
    out[rare] = _join(
        out[rare].astype("<U1"), np.array(RARE)[rng.integers(0, len(RARE), len(rare))]
    )
    return out


def dotted_names(rng: np.random.Generator, count: int) -> Strings:
    """Draw names of two parts with the middle dot between them."""
    first = np.array(DOTTED_FIRST)[rng.integers(0, len(DOTTED_FIRST), count)]
    last = np.array(DOTTED_LAST)[rng.integers(0, len(DOTTED_LAST), count)]
    return _join(_join(first, np.full(count, "·")), last)


def _draw(rng: np.random.Generator, characters: Any, count: int, *, single: float) -> Strings:
    """Return names of one or two of the characters, the first ones more often."""
    spread = len(characters)
    first = characters[(rng.random(count) ** 1.4 * spread).astype(int)]
    second = characters[(rng.random(count) ** 1.2 * spread).astype(int)]
    return np.where(rng.random(count) < single, first, _join(first, second))


def _join(left: Strings, right: Strings) -> Strings:
    return np.char.add(left, right)
