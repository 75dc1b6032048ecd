"""How two people of one household register booklet are related, by their relations to its head.

Codes of GB/T 4761, by their first digit; those of kin by marriage and of further kin share it and
are told apart. What does not follow is left open: nobody is taken for kin of somebody by a guess.
"""

from collections.abc import Mapping

SPOUSE, SON, PARENT, GRANDCHILD, GRANDPARENT, SIBLING = "10", "20", "50", "40", "60", "70"
_HEAD = frozenset({"01", "02"})
# Husbands and wives of kin, kin of the spouse, great-grandparents, great-grandchildren, and others
# of whom it is not said what they are.
_FURTHER = frozenset({
    "28", "38", "45", "46", "47", "48", "53", "54", "55", "56", "59", "65", "66", "67", "68", "69",
    "72", "74", "76", "78",
})  # fmt: skip
# What the head is to them: a parent-in-law, a child-in-law.
_INVERSE_FURTHER: Mapping[str, str] = {
    "28": "55", "38": "53", "45": "65", "46": "65", "53": "38", "54": "38", "55": "28", "56": "28",
}  # fmt: skip
# What the head is to who has a relation to the head.
_INVERSE: Mapping[str, str] = {
    "1": SPOUSE, "2": PARENT, "3": PARENT, "4": GRANDPARENT, "5": SON, "6": GRANDCHILD,
    "7": SIBLING,
}  # fmt: skip
# What the first is to the second, by what each is to the head.
_BOTH: Mapping[tuple[str, str], str] = {
    ("2", "2"): SIBLING, ("2", "3"): SIBLING, ("3", "2"): SIBLING, ("3", "3"): SIBLING,
    ("1", "2"): PARENT, ("1", "3"): PARENT, ("2", "1"): SON, ("3", "1"): SON,
    ("5", "5"): SPOUSE, ("7", "5"): SON, ("5", "7"): PARENT,
    ("2", "5"): GRANDCHILD, ("3", "5"): GRANDCHILD,
    ("5", "2"): GRANDPARENT, ("5", "3"): GRANDPARENT,
}  # fmt: skip


def between(first: str | None, second: str | None) -> str | None:
    """Return what the first is to the second, GB/T 4761; None where it does not follow.

    >>> between("20", "02")
    '20'
    >>> between("02", "20")
    '50'
    >>> between("22", "38") is None  # a son, and the wife of one: whose?
    True
    """
    if not first or not second:
        return None
    if second in _HEAD:
        return first
    if first in _HEAD:
        return _INVERSE_FURTHER.get(second) if second in _FURTHER else _INVERSE.get(second[0])
    if not _FURTHER.isdisjoint((first, second)):
        return None
    return _BOTH.get((first[0], second[0]))
