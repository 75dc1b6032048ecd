"""Department files in the database, without reading any: for tests of the merge."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from relief.core import citizen_id
from relief.core.ids import new_id
from relief.core.privacy import store
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.models import SecretKind
from relief.registry.models import (
    AidYear,
    Enrolment,
    Household,
    ImportBatch,
    LinkReview,
    Membership,
    MergeBasis,
    Person,
    QualityFigure,
    RegionAid,
    SourceIdentity,
    SourceRecord,
)
from relief.registry.types import BatchStatus, FileContent
from relief.schemes.models import Scheme

VILLAGE = 210302002001


def number(born: date = date(1980, 3, 4), sequence: int = 1, *, prefix: str = "210302") -> str:
    """An identity number that passes the check; odd sequences are men's."""
    first17 = f"{prefix}{born:%Y%m%d}{sequence:03}"
    return first17 + citizen_id.check_character(first17)


def send(
    session: Session,
    cipher: Cipher,
    scheme: str,
    *rows: dict[str, Any],
    now: datetime,
    content: FileContent = FileContent.HISTORY,
    day: date | None = None,
    region: int | None = None,
) -> uuid.UUID:
    """Load one batch with these people; return its id.

    `months` of 2026 with 100 yuan each, or `records` of (day, fen). Of a roll or a change file
    each row is one record, of `day` or the row's own `day`, with the row's `action`.
    """
    department = session.scalar(select(Scheme.department_code).where(Scheme.code == scheme))
    assert department is not None
    batch_id = new_id(now)
    session.add(
        ImportBatch(
            id=batch_id,
            scheme_code=scheme,
            department_code=department,
            layout=f"{scheme}@1",
            content=content,
            region_code=region,
            file_name=f"{scheme}.csv",
            sha256=batch_id.bytes * 2,
            status=BatchStatus.LOADED,
            received=len(rows),
            loaded=len(rows),
            rejected=0,
            data_on=day
            or max((on for said in rows for on, _ in _records(said)), default=date(2026, 10, 1)),
            created_at=now,
        )
    )
    session.flush()
    row_number = 1
    for said in rows:
        plain = {key: value for key, value in said.items() if key not in {"day", "action"}}
        identity = _identity(session, cipher, batch_id, scheme, department, plain, now)
        session.add(identity)
        if content is not FileContent.HISTORY:
            row_number += 1
            session.add(
                SourceRecord(
                    batch_id=batch_id,
                    row_number=row_number,
                    identity_id=identity.id,
                    county_code=identity.county_code,
                    period_on=said.get("day", day),
                    action=said.get("action"),
                    fingerprint=new_id(now),
                )
            )
            continue
        for on, fen in _records(said):
            row_number += 1
            session.add(
                SourceRecord(
                    batch_id=batch_id,
                    row_number=row_number,
                    identity_id=identity.id,
                    county_code=identity.county_code,
                    period_on=on,
                    amount_fen=fen,
                    fingerprint=new_id(now),
                )
            )
    session.flush()
    return batch_id


def _identity(
    session: Session,
    cipher: Cipher,
    batch_id: uuid.UUID,
    scheme: str,
    department: str,
    said: dict[str, Any],
    now: datetime,
) -> SourceIdentity:
    text = said.pop("number", None)
    valid = citizen_id.parse(text, today=now.date()) if text else None
    secrets = {}
    for column, kind, value in (
        ("citizen_id", SecretKind.CITIZEN_ID, text),
        ("phone", SecretKind.PHONE, said.pop("phone", None)),
    ):
        if value:
            secrets[column] = store.put_many(session, cipher, kind, [value], now=now)[value]
    days = [day for day, _ in _records(said)]
    for name in ("months", "records"):
        said.pop(name, None)
    region = said.pop("region_code", VILLAGE)
    name = said.pop("name", "王小明")
    return SourceIdentity(
        id=new_id(now),
        batch_id=batch_id,
        scheme_code=scheme,
        department_code=department,
        county_code=region // 10**6,
        region_code=region,
        name=name,
        name_key=name,
        citizen_id_valid=valid is not None,
        number_born_on=valid.born_on if valid else None,
        born_on=said.pop("born_on", valid.born_on if valid else None),
        first_on=min(days),
        last_on=max(days),
        record_count=len(days),
        **secrets,
        **said,
    )


def _records(said: dict[str, Any]) -> list[tuple[date, int | None]]:
    plain = [(date(2026, month, 1), 10_000) for month in said.get("months", [10])]
    return said.get("records", plain)


def undo(session: Session, batch_id: uuid.UUID) -> None:
    """Mark a batch as taken back, as the intake does."""
    session.execute(
        update(ImportBatch).where(ImportBatch.id == batch_id).values(status=BatchStatus.UNDONE)
    )


def registry_by_content(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """The current state without ids: what two equal registries have in common."""
    session.expire_all()
    person = (Person.name, Person.citizen_id, Person.born_on, Person.address, Person.region_code)
    return {
        "people": _sorted(session, select(*person)),
        "homes": _sorted(
            session,
            select(Household.householder_name, Household.category, Person.name, Membership.relation)
            .join(Membership, Membership.household_id == Household.id)
            .join(Person, Person.id == Membership.person_id),
        ),
        "enrolments": _sorted(
            session,
            select(
                Person.name,
                Enrolment.scheme_code,
                Enrolment.first_on,
                Enrolment.last_on,
                Enrolment.total_fen,
                Enrolment.spells,
                Enrolment.ended_on,
            ).join(Person, Person.id == Enrolment.person_id),
        ),
        "years": _sorted(
            session,
            select(
                Person.name, AidYear.scheme_code, AidYear.year, AidYear.times, AidYear.months
            ).join(Person, Person.id == AidYear.person_id),
        ),
        "regions": _sorted(
            session,
            select(
                RegionAid.region_code,
                RegionAid.scheme_code,
                RegionAid.year,
                RegionAid.persons,
                RegionAid.times,
                RegionAid.amount_fen,
            ),
        ),
        "reviews": _sorted(
            session, select(LinkReview.kind, LinkReview.key).where(LinkReview.closed_at.is_(None))
        ),
    }


def clear(session: Session) -> None:
    """Forget every source row, for a second registry in the same test."""
    for model in (SourceRecord, SourceIdentity, QualityFigure, ImportBatch, MergeBasis):
        session.execute(delete(model))


def _sorted(session: Session, query: Any) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in session.execute(query)), key=repr)
