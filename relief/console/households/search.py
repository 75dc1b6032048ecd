"""What a clerk types into the search box, and how it travels in an address.

A name or an identity number must not stand in an address: addresses are kept by browsers and
proxies. So the form is posted, and the address it leads to holds the text encrypted,
for the account that typed it.
"""

import base64
import binascii
import re
import uuid
from dataclasses import dataclass
from struct import error as struct_error

from relief.core import citizen_id, pinyin
from relief.core.privacy.cipher import CannotOpen, Cipher
from relief.registry.queries import household_number

WAYS: dict[str, str] = {
    "auto": "自动识别",
    "name": "姓名",
    "pinyin": "姓名拼音或首字母",
    "citizen_id": "身份证号",
    "phone": "联系电话",
    "number": "户编号",
    "address": "住址",
}
LONGEST = 80
_PURPOSE = b"console search"
_SHORTEST = 2
_CITIZEN_ID = re.compile(r"\d{15}|\d{17}[\dX]")
_PHONE = re.compile(r"\+?[\d\-() ]{7,20}")
_PLACE = re.compile(r"[0-9０-９]|[市区县镇乡村街路号楼屯组院]|社区|小区|单元")
# Letters with or without tones, parted by blanks or as in xi'an; or with the numbers of the tones.
_LETTER = "a-zà-öø-ÿāēěīńňōūǎǐǒǔǖǘǚǜǹḿ"
_PINYIN = re.compile(f"[{_LETTER}][{_LETTER}'’ 1-5-]*", re.IGNORECASE)
_LONGEST_NAME = 4


@dataclass(frozen=True, slots=True)
class Search:
    """One search: which way was chosen, what was typed, and which way it is understood."""

    chosen: str
    text: str
    way: str

    @property
    def fault(self) -> str | None:
        """Return why nothing can be looked for, or None."""
        if self.way in {"name", "address"} and len(self.text) < _SHORTEST:
            return "姓名和住址至少输入两个字。"
        if self.way == "pinyin" and len(pinyin.typed(self.text)) < _SHORTEST:
            return "拼音或首字母至少输入两个字母。"
        if self.way == "number" and household_number(self.text) is None:
            return "户编号形如 210302-000123，请检查是否输错。"
        if self.way == "citizen_id" and not _CITIZEN_ID.fullmatch(citizen_id.normalise(self.text)):
            return "身份证号应为 15 位或 18 位，请检查是否输错。"
        if self.way == "phone" and not _PHONE.fullmatch(self.text):
            return "请输入完整的电话号码。"
        return None


def read(chosen: str, text: str) -> Search | None:
    """Return the search for what was typed, or None if nothing was."""
    text = " ".join(text.split())[:LONGEST]
    if not text:
        return None
    chosen = chosen if chosen in WAYS else "auto"
    return Search(chosen, text, understand(text) if chosen == "auto" else chosen)


def understand(text: str) -> str:
    """Tell which of the ways a text is meant.

    >>> [understand(t) for t in ("21030219500101123x", "138 0000 0000", "王芳", "胜利路12号")]
    ['citizen_id', 'phone', 'name', 'address']
    >>> [understand(t) for t in ("wang xiaoming", "lǚ fāng", "wang2 fang1", "210302-000123")]
    ['pinyin', 'pinyin', 'pinyin', 'number']
    """
    if _CITIZEN_ID.fullmatch(citizen_id.normalise(text)):
        return "citizen_id"
    if household_number(text):  # before a telephone: no number of those is six digits and six
        return "number"
    if _PHONE.fullmatch(text):
        return "phone"
    if _PINYIN.fullmatch(text):
        return "pinyin"
    if "·" in text or (len(text) <= _LONGEST_NAME and not _PLACE.search(text)):
        return "name"
    return "address" if _PLACE.search(text) or len(text) > _LONGEST_NAME else "name"


def seal(cipher: Cipher, search: Search, account_id: uuid.UUID) -> str:
    """Return the search as a text that fits in an address and tells nothing to anyone else."""
    plain = f"{search.chosen}\n{search.text}".encode()
    envelope = cipher.seal_bytes(plain, associated=_PURPOSE + account_id.bytes)
    return base64.urlsafe_b64encode(envelope).decode().rstrip("=")


def unseal(cipher: Cipher, token: str, account_id: uuid.UUID) -> Search | None:
    """Return the search that an address holds; None if there is none, or it is someone else's."""
    if not token:
        return None
    try:
        envelope = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        plain = cipher.open_bytes(envelope, associated=_PURPOSE + account_id.bytes)
        chosen, _, text = plain.decode().partition("\n")
    except (CannotOpen, binascii.Error, ValueError, struct_error):
        return None
    return read(chosen, text)
