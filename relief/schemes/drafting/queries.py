"""Reading procedures with their versions, and drafts with what stands against them."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from relief.accounts.models import Account
from relief.schemes import queries as schemes
from relief.schemes.drafting import proof, service
from relief.schemes.drafting.content import Content, content_of, read, to_plan
from relief.schemes.drafting.difference import Difference, difference
from relief.schemes.drafting.errors import DraftNotFound
from relief.schemes.drafting.models import ProcedureDraft
from relief.schemes.drafting.types import LIVE, DraftStatus
from relief.schemes.errors import ProcedureNotFound
from relief.schemes.models import Procedure
from relief.schemes.soundness import Fault
from relief.schemes.types import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One version, and who made it. `in_force`: new cases begin under it."""

    code: str
    version: int
    name: str
    valid_from: date
    in_force: bool
    origin: Origin
    proposed_by: str | None
    signed_by: str | None
    published_at: datetime | None
    digest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    """One draft, without what it says. `touched`: whether the reader had a hand in it."""

    id: uuid.UUID
    procedure_code: str
    base_version: int
    status: DraftStatus
    created_by: str
    created_at: datetime
    edited_by: str
    edited_at: datetime
    valid_from: date | None
    proposed_by: str | None
    proposed_at: datetime | None
    returned_reason: str | None
    closed_by: str | None
    closed_at: datetime | None
    published_version: int | None
    digest: str | None
    touched: bool
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureRow:
    """One procedure: what holds today, who uses it, and the draft that is not finished."""

    code: str
    name: str
    in_force: int | None
    versions: int
    schemes: Sequence[tuple[str, str]]
    draft: DraftRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A procedure with all its versions and drafts, the newest first."""

    procedure: ProcedureRow
    versions: Sequence[VersionRow]
    drafts: Sequence[DraftRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDetail:
    """What a version says, and what otherwise than the one that held before it, if any did."""

    row: VersionRow
    content: Content
    before: int | None
    difference: Difference | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftDetail:
    """What a draft says, what otherwise than its base, and its faults on the day it would hold.

    `superseded`: another version than its base holds on that day. `next_version`: what it becomes.
    """

    row: DraftRow
    schemes: Sequence[tuple[str, str]]
    content: Content
    base: Content
    difference: Difference
    faults: Sequence[Fault]
    superseded: bool
    next_version: int


def procedures(session: Session, *, on: date, reader_id: uuid.UUID) -> Sequence[ProcedureRow]:
    """Return every procedure by code, as it stands on a day. Three queries."""
    rows: dict[str, list[Procedure]] = defaultdict(list)
    for one in session.scalars(select(Procedure).order_by(Procedure.code, *_OLDEST)):
        rows[one.code].append(one)
    used: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for scheme in schemes.schemes(session):
        used[scheme.procedure_code].append((scheme.code, scheme.short_name))
    live = {one.procedure_code: one for one in _drafts(session, reader_id, live=True, code=None)}
    return [
        _procedure(versions, used[code], live.get(code), on=on) for code, versions in rows.items()
    ]


def history(session: Session, *, code: str, on: date, reader_id: uuid.UUID) -> History:
    """Return a procedure with its versions and drafts, newest first. Raises ProcedureNotFound."""
    versions = _versions(session, code, on=on)
    drafts = _drafts(session, reader_id, live=False, code=code)
    used = [(one.code, one.short_name) for one in service.users(session, code)]
    in_force = next((one for one in versions if one.in_force), None)
    return History(
        procedure=ProcedureRow(
            code=code,
            name=(in_force or versions[0]).name,
            in_force=in_force.version if in_force else None,
            versions=len(versions),
            schemes=used,
            draft=next((one for one in drafts if one.status in LIVE), None),
        ),
        versions=versions,
        drafts=drafts,
    )


def version_detail(session: Session, *, code: str, version: int, on: date) -> VersionDetail:
    """Return what a version says, compared with its forerunner. Raises ProcedureNotFound."""
    rows = _versions(session, code, on=on)
    place = next((n for n, one in enumerate(rows) if one.version == version), None)
    if place is None:
        raise ProcedureNotFound
    users = service.users(session, code)
    content = content_of(schemes.procedure_version(session, code=code, version=version), users)
    if place + 1 == len(rows):
        return VersionDetail(row=rows[place], content=content, before=None, difference=None)
    before = rows[place + 1].version
    old = content_of(schemes.procedure_version(session, code=code, version=before), users)
    return VersionDetail(
        row=rows[place], content=content, before=before, difference=difference(old, content)
    )


def draft_detail(
    session: Session, *, draft_id: uuid.UUID, on: date, reader_id: uuid.UUID
) -> DraftDetail:
    """Return a draft with its difference and faults; of one without a date, as of `on`.

    Raises DraftNotFound.
    """
    draft = session.get(ProcedureDraft, draft_id)
    if draft is None:
        raise DraftNotFound
    code = draft.procedure_code
    users = service.users(session, code)
    base = schemes.procedure_version(session, code=code, version=draft.base_version)
    # Of a copy of a version that is to come, the day on which that begins to hold.
    day = max(draft.valid_from or base.procedure.valid_from, on)
    content, copied = read(draft.content), content_of(base, users)
    number = draft.published_version or service.next_version(session, code)
    live = draft.status in LIVE
    plan = to_plan(content, code=code, version=number, valid_from=draft.valid_from or day)
    holding = schemes.procedure(session, code=code, on=day).procedure.version
    [row] = _drafts(session, reader_id, live=False, code=None, draft_id=draft_id)
    return DraftDetail(
        row=row,
        schemes=[(one.code, one.short_name) for one in users],
        content=content,
        base=copied,
        difference=difference(copied, content),
        faults=proof.faults(session, plan, on=day) if live else (),
        superseded=live and holding != draft.base_version,
        next_version=number,
    )


def number_of(text: str) -> int:
    """Return the number of a version that an address names. Raises ProcedureNotFound."""
    if not (text.isascii() and text.isdecimal() and len(text) < _DIGITS):
        raise ProcedureNotFound
    return int(text)


_DIGITS = 10  # more do not fit into the column
_OLDEST = (Procedure.valid_from, Procedure.version)


def _procedure(
    versions: Sequence[Procedure],
    used: Sequence[tuple[str, str]],
    draft: DraftRow | None,
    *,
    on: date,
) -> ProcedureRow:
    """Of versions of one procedure, the oldest first."""
    begun = [one for one in versions if one.valid_from <= on]
    return ProcedureRow(
        code=versions[0].code,
        name=(begun or versions)[-1].name,
        in_force=begun[-1].version if begun else None,
        versions=len(versions),
        schemes=used,
        draft=draft,
    )


def _versions(session: Session, code: str, *, on: date) -> Sequence[VersionRow]:
    proposer, signer = aliased(Account), aliased(Account)
    rows = session.execute(
        select(Procedure, proposer.display_name, signer.display_name)
        .outerjoin(proposer, proposer.id == Procedure.proposed_by)
        .outerjoin(signer, signer.id == Procedure.signed_by)
        .where(Procedure.code == code)
        .order_by(Procedure.valid_from.desc(), Procedure.version.desc())
    ).all()
    if not rows:
        raise ProcedureNotFound
    in_force = next((row[0].version for row in rows if row[0].valid_from <= on), None)
    return [_version(*row, in_force=in_force) for row in rows]


def _version(
    row: Procedure, proposed_by: str | None, signed_by: str | None, *, in_force: int | None
) -> VersionRow:
    return VersionRow(
        code=row.code,
        version=row.version,
        name=row.name,
        valid_from=row.valid_from,
        in_force=row.version == in_force,
        origin=row.origin,
        proposed_by=proposed_by,
        signed_by=signed_by,
        published_at=row.published_at,
        digest=row.digest.hex() if row.digest else None,
    )


def _drafts(
    session: Session,
    reader_id: uuid.UUID,
    *,
    live: bool,
    code: str | None,
    draft_id: uuid.UUID | None = None,
) -> Sequence[DraftRow]:
    """Return drafts with the names of their people, newest first: of a procedure, or the live."""
    people = {name: aliased(Account) for name in _PEOPLE}
    query = select(ProcedureDraft, *(one.display_name.label(name) for name, one in people.items()))
    for name, one in people.items():
        query = query.outerjoin(one, one.id == getattr(ProcedureDraft, name))
    if live:
        query = query.where(ProcedureDraft.status.in_(LIVE))
    if code is not None:
        query = query.where(ProcedureDraft.procedure_code == code)
    if draft_id is not None:
        query = query.where(ProcedureDraft.id == draft_id)
    rows = session.execute(query.order_by(ProcedureDraft.id.desc()))
    return [_draft(row[0], dict(zip(_PEOPLE, row[1:], strict=True)), reader_id) for row in rows]


_PEOPLE = ("created_by", "edited_by", "proposed_by", "closed_by")


def _draft(row: ProcedureDraft, names: Mapping[str, str], reader_id: uuid.UUID) -> DraftRow:
    return DraftRow(
        id=row.id,
        procedure_code=row.procedure_code,
        base_version=row.base_version,
        status=row.status,
        created_by=names["created_by"],
        created_at=row.created_at,
        edited_by=names["edited_by"],
        edited_at=row.edited_at,
        valid_from=row.valid_from,
        proposed_by=names["proposed_by"],
        proposed_at=row.proposed_at,
        returned_reason=row.returned_reason,
        closed_by=names["closed_by"],
        closed_at=row.closed_at,
        published_version=row.published_version,
        digest=row.digest.hex() if row.digest else None,
        touched=str(reader_id) in row.editors,
        version=row.version,
    )
