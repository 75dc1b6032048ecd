"""How Chinese names sound: the keys by which a name that is typed in letters is found.

A key is a run of whole syllables without tones and spaces (`wangxiaoming`, `xiaoming`, `ming`) or
of first letters (`wxm`). Names with several readings have the keys of each plausible one. Written
to `person.name_sounds` by the merge; migration 0007 holds a copy as of its day.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from pypinyin import Style, pinyin
from pypinyin.constants import PHRASES_DICT
from pypinyin.contrib.tone_convert import to_normal

# How a character is read as a family name; it keeps its other readings, which some families and
# most typists use.
SURNAMES: Mapping[str, str] = {
    "单": "shan", "單": "shan", "曾": "zeng", "解": "xie", "查": "zha", "仇": "qiu", "区": "ou",
    "區": "ou", "朴": "piao", "盖": "ge", "蓋": "ge", "翟": "zhai", "缪": "miao", "繆": "miao",
    "尉": "yu", "乐": "yue", "樂": "yue", "重": "chong", "秘": "bi", "员": "yun", "員": "yun",
    "折": "she", "黑": "he", "繁": "po", "召": "shao", "宓": "fu", "覃": "qin", "都": "du",
    "郇": "xun", "乜": "nie", "种": "chong", "佴": "nai", "祭": "zhai", "牟": "mu", "薄": "bo",
    "卜": "bu", "阚": "kan", "郗": "chi", "能": "nai", "车": "che", "車": "che", "句": "gou",
    "适": "kuo",
}  # fmt: skip
COMPOUND_SURNAMES: Mapping[str, tuple[str, str]] = {
    "尉迟": ("yu", "chi"), "尉遲": ("yu", "chi"), "万俟": ("mo", "qi"), "单于": ("chan", "yu"),
    "澹台": ("tan", "tai"), "乐正": ("yue", "zheng"), "長孫": ("zhang", "sun"),
    "长孙": ("zhang", "sun"),
}  # fmt: skip

_RARE = 20  # a reading in fewer than a twentieth of a character's words is not tried
_FEW_WORDS = 10  # with fewer words the dictionary's own order decides
_MOST_READINGS = 3
_SHORT = 4  # characters of a name that is found from any of its syllables on
_MOST_COMBINATIONS = 16
_LONGEST = 24  # syllables of a name that are heard
_SHORTEST_INITIALS = 2
_LETTERS = re.compile(r"[A-Za-z]+")
# An u with two dots; every other mark is a tone.
_TWO_DOTS = re.compile("u[\u0300-\u036f]*\u0308[\u0300-\u036f]*")
_NO_LETTER = re.compile(r"[^a-z]")
# After these a v can only be u: no syllable has ü written there.
_PLAIN_U = re.compile(r"(?<=[jqxy])v")

Syllables = tuple[str, ...]  # the readings of one character


def sound_keys(name: str) -> list[str]:
    """Return the keys of a name, in order.

    >>> [key for key in sound_keys("单芳") if key in ("shanfang", "danfang", "sf", "fang")]
    ['danfang', 'fang', 'sf', 'shanfang']
    """
    keys: set[str] = set()
    parts = _parts(name)
    whole = [syllable for part in parts for syllable in part][:_LONGEST]
    for start in _starts(parts):
        spoken, letters = [""], [""]
        for count, syllable in enumerate(whole[start:], 1):
            spoken = _extended(spoken, syllable)
            keys.update(spoken)
            letters = _extended(letters, {reading[0]: None for reading in syllable})
            if count >= _SHORTEST_INITIALS:
                keys.update(letters)
    return sorted(keys)


def typed(text: str) -> str:
    """Return what was typed as a key: small letters, no tones, ü as v.

    >>> typed("Wang Xiaoming"), typed("lǚ fāng"), typed("lü3 fang1"), typed("xv'li")
    ('wangxiaoming', 'lvfang', 'lvfang', 'xuli')
    """
    bare = _TWO_DOTS.sub("v", unicodedata.normalize("NFD", text.lower()))
    return _PLAIN_U.sub("u", _NO_LETTER.sub("", bare))


def _extended(runs: Sequence[str], readings: Iterable[str]) -> list[str]:
    """Return each run with each reading after it, up to a bound."""
    return [run + reading for run in runs for reading in readings][:_MOST_COMBINATIONS]


def _starts(parts: Sequence[Sequence[Syllables]]) -> Iterator[int]:
    """Yield where a key may begin: anywhere in a short name, else with one of its parts."""
    place = 0
    for part in parts:
        yield place
        if len(part) <= _SHORT:
            yield from range(place + 1, place + len(part))
        place += len(part)


def _parts(name: str) -> list[list[Syllables]]:
    """Return the syllables of each part of a name; a dot or an unknown sign ends a part."""
    parts: list[list[Syllables]] = [[]]
    place = 0
    while place < len(name):
        if latin := _LETTERS.match(name, place):
            parts[-1].append((latin[0].lower(),))
            place = latin.end()
            continue
        if spoken := _readings(name[place]):
            parts[-1].append(spoken)
        elif parts[-1]:
            parts.append([])
        place += 1
    if parts[0]:
        parts[0] = _as_surname(name, parts[0])
    return [part for part in parts if part]


def _as_surname(name: str, syllables: list[Syllables]) -> list[Syllables]:
    """Put the readings as a family name before the others."""
    compound = COMPOUND_SURNAMES.get(name[:2])
    special = compound or ((SURNAMES[name[0]],) if name[0] in SURNAMES else ())
    first = [(own, *_without(own, syllables[place])) for place, own in enumerate(special)]
    return [*first, *syllables[len(first) :]]


def _without(reading: str, readings: Syllables) -> Syllables:
    return tuple(other for other in readings if other != reading)


@cache
def _readings(character: str) -> Syllables:
    """Return how a character is read, without tones; empty for one that is not Chinese.

    The dictionary knows readings of old books too. Those that words still use are kept, and all
    of a character that stands in few words, as most that are used in names alone.
    """
    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    if not found:
        return ()
    known = [reading for reading in found[0] if reading.isascii() and reading.isalpha()]
    uses = Counter[str]()
    for reading, times in _words().get(character, {}).items():
        uses[to_normal(reading)] += times
    total = uses.total()
    if total >= _FEW_WORDS:
        known = known[:1] + [other for other in known[1:] if uses[other] * _RARE >= total]
    return tuple(known[:_MOST_READINGS])


@cache
def _words() -> Mapping[str, Mapping[str, int]]:
    """Return character → reading → in how many words of the dictionary."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for word, syllables in PHRASES_DICT.items():
        for character, spoken in zip(word, syllables, strict=False):
            counts[character][spoken[0]] += 1
    return counts
