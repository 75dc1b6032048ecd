"""Reading papers: those of a case, one as PDF, and whether one is the platform's."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.registry import disclosure
from relief.review.errors import PaperNotFound
from relief.review.numbers import plain
from relief.review.papers import drawing
from relief.review.papers.models import CasePaper
from relief.review.papers.types import PaperKind, Words
from relief.review.visible import get_case


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRow:
    """A paper of a case. `code`: the verification code that stands on it."""

    kind: PaperKind
    number: str
    code: str
    digest: str
    issued_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pdf:
    """A paper as a file."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Genuine:
    """What anyone may know of a paper of which they hold number and code."""

    kind: PaperKind
    number: str
    issuer: str
    issued_at: datetime


def papers_of(session: Session, *, case_id: uuid.UUID) -> Sequence[PaperRow]:
    """Return the papers of a case, in the order in which they were issued. One query."""
    rows = session.scalars(
        select(CasePaper).where(CasePaper.case_id == case_id).order_by(CasePaper.id)
    )
    return [
        PaperRow(
            kind=row.kind,
            number=row.number,
            code=row.code,
            digest=row.digest,
            issued_at=row.issued_at,
        )
        for row in rows
    ]


def view_pdf(
    session: Session, *, viewer: Actor, case_id: uuid.UUID, number: str, now: datetime
) -> Pdf:
    """Return a paper of a case in scope as PDF, and record the look.

    Raises CaseNotFound, PaperNotFound.
    """
    case = get_case(session, viewer.scope, case_id)
    paper = session.scalars(
        select(CasePaper).where(CasePaper.case_id == case_id, CasePaper.number == number)
    ).one_or_none()
    if paper is None:
        raise PaperNotFound
    disclosure.record_look(
        session,
        "case",
        case_id,
        viewer,
        {"persons": [str(case.person_id)], "paper": paper.number},
        people=[case.person_id],
        region_code=case.region_code,
        now=now,
    )
    content = drawing.draw(
        Words.of_json(paper.words), number=paper.number, code=paper.code, issued_at=paper.issued_at
    )
    return Pdf(name=f"{paper.number}.pdf", content=content)


def genuine(session: Session, *, number: str, code: str) -> Genuine | None:
    """Tell whether a paper with this number and code was issued; nothing of what it says.

    For everyone, without a session. Spaces, small and full-width letters are forgiven.
    """
    given = {"number": plain(number), "code": plain(code)}
    row = session.execute(
        text("SELECT kind, number, issuer, issued_at FROM genuine_paper(:number, :code)"), given
    ).one_or_none()
    if row is None:
        return None
    return Genuine(
        kind=PaperKind(row.kind), number=row.number, issuer=row.issuer, issued_at=row.issued_at
    )
