"""Finds a case by what stands on its papers: its own number, or that of a paper."""

import unicodedata

from sqlalchemy import ColumnElement, select, union_all

from relief.review.models import Case
from relief.review.papers.models import CasePaper


def plain(given: str) -> str:
    """Return a number as it is kept: spaces, small and full-width letters are forgiven."""
    return "".join(unicodedata.normalize("NFKC", given).split()).upper()


def numbered(given: str) -> ColumnElement[bool]:
    """Return the condition on `aid_case` of that number, or with a paper of that number.

    Who holds a decision need not know how its number is made from the case's. Two looks along
    unique indexes, whatever the list holds.
    """
    number = plain(given)
    found = union_all(
        select(Case.id).where(Case.number == number),
        select(CasePaper.case_id).where(CasePaper.number == number),
    )
    return Case.id.in_(found)
