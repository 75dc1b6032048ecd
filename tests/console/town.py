"""A small town for the pages: a family that strains every column, and its neighbours."""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.core import citizen_id
from relief.core.ids import new_id
from relief.core.privacy import store
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.models import SecretKind
from relief.notifications.models import InboxMessage
from relief.registry.merging import service as merging
from relief.registry.models import (
    Household,
    ImportBatch,
    Person,
    RejectedRow,
    SourceIdentity,
    SourceRecord,
)
from relief.registry.types import BatchStatus, FileContent
from relief.schemes.models import Scheme
from tests.support import canaries

TIEDONG, TIEXI = 210302002001, 210303001001
LONG_NAME = "阿卜杜热依木·麦麦提吐尔逊·买买提艾力"
LONG_ADDRESS = (
    "辽宁省鞍山市铁东区解放街道解放社区胜利南路一百二十八号锦绣花园小区三期"
    "第十二号楼二单元十七层一七零三室（原第三轧钢厂职工家属院）"
)
RELATIONS = ["02", "12", "21", "29", "32", "34", "41", "42", "51", "52", None, "73"]
SECRETS = {
    "number": ("citizen_id", SecretKind.CITIZEN_ID),
    "phone": ("phone", SecretKind.PHONE),
    "account": ("account", SecretKind.BANK_ACCOUNT),
    "health": ("health", SecretKind.HEALTH),
}


@dataclass(slots=True)
class Town:
    """What was built, by name."""

    batches: dict[str, uuid.UUID] = field(default_factory=dict)
    household: uuid.UUID | None = None
    householder: uuid.UUID | None = None
    plain: uuid.UUID | None = None


def number(born: date, sequence: int) -> str:
    """An identity number that passes the check."""
    first17 = f"210302{born:%Y%m%d}{sequence:03}"
    return first17 + citizen_id.check_character(first17)


def build(session: Session, cipher: Cipher, *, now: datetime, neighbours: int = 3) -> Town:
    """Send files, merge, send one more that changes something, and merge again."""
    town, before = Town(), now - timedelta(days=30)
    family = [
        {
            "name": LONG_NAME
            if place == 0
            else f"热依木家人·{'子丑寅卯辰巳午未申酉戌'[place - 1]}",
            "number": number(date(1941 + 6 * place, 3, 9), 100 + place) if place % 5 != 4 else None,
            "born_on": date(1941 + 6 * place, 3, 9) if place != 4 else None,
            "sex": "12"[place % 2] if place != 4 else None,
            "relation": relation,
            "household_number": "A-1",
            "householder_name": LONG_NAME,
            "phone": canaries.phone(place) if place % 3 == 0 else None,
            "address": LONG_ADDRESS,
        }
        for place, relation in enumerate(RELATIONS)
    ]
    family[0] |= {"account": "6222021234567890123", "health": "肢体二级", "marital": "20"}
    codes = list(session.scalars(select(Scheme.code).order_by(Scheme.code)))
    for place, code in enumerate(codes[:20]):
        people: list[dict[str, Any]] = family if place == 0 else [family[place % len(family)]]
        if place == 0:
            people = people + _neighbours(neighbours)
        years = range(2026 - place % 7, 2027)
        batch = send(session, cipher, code, people, years, 1_234_56 * (place + 1), now=before)
        town.batches[code] = batch
    town.batches["west"] = send(
        session,
        cipher,
        "S21",
        [{"name": "赵四", "household_number": "W-1", "region_code": TIEXI, "relation": "02"}],
        [2026],
        0,
        now=before,
    )
    merging.merge(session, cipher=cipher, actor_id=None, now=before)
    moved = {**family[0], "address": "解放街道解放社区 1 号", "phone": "13900001111"}
    town.batches["later"] = send(
        session, cipher, "S01", [moved], [2027], 88_000, now=now, name="低保发放明细（次年）.csv"
    )
    merging.merge(session, cipher=cipher, actor_id=None, now=now)
    town.householder = session.scalar(select(Person.id).where(Person.name == LONG_NAME))
    town.household = session.scalar(
        select(Household.id).where(Household.householder_name == LONG_NAME)
    )
    town.plain = session.scalar(select(Household.id).where(Household.householder_name == "邻居一"))
    return town


def _neighbours(count: int) -> list[dict[str, Any]]:
    digits = "零一二三四五六七八九"
    return [
        {
            "name": "邻居" + "".join(digits[int(d)] for d in str(place)),
            "number": number(date(1970, 1, 1) + timedelta(days=place), 7),
            "relation": "02",
            "household_number": f"N-{place}",
            "phone": f"1370000{place:04}" if place % 4 else None,
            "address": f"解放街道解放社区 {place} 号楼" if place % 9 else None,
        }
        for place in range(1, count + 1)
    ]


def send(
    session: Session,
    cipher: Cipher,
    scheme: str,
    people: list[dict[str, Any]],
    years: Any,
    fen: int,
    *,
    now: datetime,
    name: str | None = None,
) -> uuid.UUID:
    """Load one batch with these people; each has one record a year."""
    batch_id = new_id(now)
    found = session.get_one(Scheme, scheme)
    session.add(
        ImportBatch(
            id=batch_id,
            scheme_code=scheme,
            department_code=found.department_code,
            layout=f"{scheme}@1",
            file_name=name or f"{found.short_name}发放明细.xlsx",
            sha256=batch_id.bytes * 2,
            status=BatchStatus.LOADED,
            received=len(people) * len(years),
            loaded=len(people) * len(years),
            rejected=0,
            data_on=date(max(years), 10, 1),
            created_at=now,
        )
    )
    session.flush()
    row = 1
    for said in people:
        identity = _identity(session, cipher, batch_id, found, dict(said), years, now)
        session.add(identity)
        for year in years:
            row += 1
            session.add(
                SourceRecord(
                    batch_id=batch_id,
                    row_number=row,
                    identity_id=identity.id,
                    county_code=identity.county_code,
                    period_on=date(year, 10, 1),
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
    scheme: Scheme,
    said: dict[str, Any],
    years: Any,
    now: datetime,
) -> SourceIdentity:
    secrets = {
        column: store.put_many(session, cipher, kind, [value], now=now)[value]
        for name, (column, kind) in SECRETS.items()
        if (value := said.get(name))
    }
    valid = citizen_id.parse(said["number"], today=now.date()) if said.get("number") else None
    region = said.pop("region_code", TIEDONG)
    return SourceIdentity(
        id=new_id(now),
        batch_id=batch_id,
        scheme_code=scheme.code,
        department_code=scheme.department_code,
        county_code=region // 10**6,
        region_code=region,
        name_key=said["name"],
        citizen_id_valid=valid is not None,
        number_born_on=valid.born_on if valid else None,
        first_on=date(min(years), 10, 1),
        last_on=date(max(years), 10, 1),
        record_count=len(years),
        **secrets,
        **{name: value for name, value in said.items() if name not in SECRETS},
    )


def add_odd_batches(session: Session, town: Town, *, now: datetime) -> None:
    """Add a batch of every other status, and one with more rejected rows than a page holds."""
    for status in (
        BatchStatus.RECEIVED,
        BatchStatus.REPEATED,
        BatchStatus.FAILED,
        BatchStatus.UNDONE,
        BatchStatus.HELD,
        BatchStatus.REFUSED,
    ):
        town.batches[status.value] = new_id(now)
        session.add(
            ImportBatch(
                id=town.batches[status.value],
                scheme_code="S05",
                department_code="D01",
                layout="S05@1",
                file_name=f"{status.value}_二〇二六年度最低生活保障边缘家庭认定花名册（各县区汇总，终稿）.csv",
                sha256=town.batches[status.value].bytes * 2,
                status=status,
                received=0,
                loaded=0,
                rejected=0,
                fault="文件前 10 行中没有找到表头。" if status is BatchStatus.FAILED else None,
                repeats_id=town.batches["S05"] if status is BatchStatus.REPEATED else None,
                content=FileContent.ROLL if status is BatchStatus.HELD else FileContent.HISTORY,
                held={"removed": 1234, "people": 5000, "unread": 3},
                created_at=now,
                undone_at=now if status is BatchStatus.UNDONE else None,
            )
        )
    town.batches["rejected"] = new_id(now)
    session.add(
        ImportBatch(
            id=town.batches["rejected"],
            scheme_code="S01",
            department_code="D01",
            layout="S01@1",
            file_name="低保.csv",
            sha256=b"r" * 32,
            status=BatchStatus.MERGED,
            received=1_234_567,
            loaded=1_234_507,
            rejected=60,
            data_on=date(2026, 10, 1),
            created_at=now,
            merged_at=now,
        )
    )
    session.flush()
    session.add_all(
        RejectedRow(
            batch_id=town.batches["rejected"],
            row_number=row,
            column="发放月份" if row % 2 else None,
            code="unreadable",
            reason="读不出月份" if row % 2 else "与第 3 行完全相同",
        )
        for row in range(4, 64)
    )


def add_message(session: Session, account_id: uuid.UUID, *, now: datetime) -> uuid.UUID:
    """Put one unread notice into an inbox."""
    message = InboxMessage(
        id=new_id(now),
        recipient_id=account_id,
        title="数据归并已完成",
        body="数据归并任务已处理完毕。",
        link="/households",
        created_at=now,
    )
    session.add(message)
    session.flush()
    return message.id
