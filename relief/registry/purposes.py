"""What someone wants to see personal data for (查询目的): one of a list, and perhaps a remark.

The remark stays in the audit trail for good, so nothing that names a person by number may
stand in it.
"""

import re
import unicodedata
from dataclasses import dataclass

from sqlalchemy.orm import Session

from relief.organisation import queries as organisation
from relief.registry.errors import NumberInRemark, RemarkMissing, UnknownPurpose

TABLE = "purpose"
OTHER = "other"
LONGEST_REMARK, _SHORTEST_REMARK = 150, 4
# Eleven digits are a telephone number; identity numbers and accounts are longer. Set apart by
# spaces, dashes or dots they are still numbers.
_NUMBER = re.compile(r"(?:\d[\s\-.·_/,，、()]*){10}[\dXx]")


@dataclass(frozen=True, slots=True)
class Purpose:
    """A purpose that was stated and is fit to be kept."""

    code: str
    name: str
    remark: str | None

    @property
    def text(self) -> str:
        """Return it as one line for people."""
        return f"{self.name}：{self.remark}" if self.remark else self.name


def choices(session: Session) -> dict[str, str]:
    """Return code → name of every purpose."""
    return organisation.code_tables(session, tables=[TABLE])[TABLE]


def stated(session: Session, *, code: str, remark: str | None) -> Purpose:
    """Check a purpose. Raises UnknownPurpose, RemarkMissing or NumberInRemark."""
    name = choices(session).get(code)
    if name is None:
        raise UnknownPurpose
    remark = " ".join((remark or "").split())[:LONGEST_REMARK]
    if holds_number(remark):
        raise NumberInRemark
    if code == OTHER:
        if len(remark) < _SHORTEST_REMARK:
            raise RemarkMissing
        name = name.partition("（")[0]
    return Purpose(code, name, remark or None)


def holds_number(text: str) -> bool:
    """Tell whether a text holds what may be an identity number, telephone or account.

    >>> [holds_number(t) for t in ("138-0000 0000", "１３８００００００００", "11月23日入户")]
    [True, True, False]
    """
    return _NUMBER.search(unicodedata.normalize("NFKC", text)) is not None
