"""What offices say of who is on a scheme's roll, and what came of it, for tests of the merge."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.core.privacy.cipher import Cipher
from relief.registry.merging.service import merge
from relief.registry.models import Enrolment, ImportBatch, Person
from relief.registry.types import FileContent
from tests.support.settings import START as NOW
from tests.support.source import number, send

NAMES = ["王建国", "李秀英", "赵丽", "张伟", "刘洋", "陈静", "杨帆", "黄磊"]
PEOPLE = {
    name: {"name": name, "number": number(date(1960 + place, 3, 4), place + 1)}
    for place, name in enumerate(NAMES)
}
EAST, WEST = 210302000000, 210303000000
IN_WEST = {"region_code": 210303002000}
JUNE, JULY, AUGUST = date(2026, 6, 30), date(2026, 7, 31), date(2026, 8, 31)


class Sender:
    """Sends files of people who do not exist, each a minute after the one before, and merges."""

    def __init__(self, session: Session, cipher: Cipher) -> None:
        self.session, self.cipher, self.moment = session, cipher, NOW

    def paid(self, *names, months=(1,), scheme="S01", **more):
        rows = [PEOPLE[name] | {"months": list(months)} | more for name in names]
        return send(self.session, self.cipher, scheme, *rows, now=self.tick())

    def roll(self, day, *names, region=None, scheme="S01", **more):
        rows = [PEOPLE[name] | more for name in names]
        return send(
            self.session, self.cipher, scheme, *rows,
            now=self.tick(), content=FileContent.ROLL, day=day, region=region,
        )  # fmt: skip

    def changes(self, *rows, scheme="S01"):
        told = [PEOPLE[name] | {"day": day, "action": action} for name, day, action in rows]
        return send(
            self.session, self.cipher, scheme, *told,
            now=self.tick(), content=FileContent.CHANGES, day=max(row[1] for row in rows),
        )  # fmt: skip

    def tick(self):
        self.moment += timedelta(minutes=1)
        return self.moment

    def merge(self):
        return merge(self.session, cipher=self.cipher, actor_id=None, now=self.tick())


def ends(session):
    """Name → (day, batch) of who has left, and None of who is in."""
    session.expire_all()
    rows = session.execute(
        select(Person.name, Enrolment.ended_on, Enrolment.ended_by).join(
            Person, Person.id == Enrolment.person_id
        )
    )
    return {name: (day, batch) if day else None for name, day, batch in rows}


def status(session, batch):
    return session.scalar(select(ImportBatch.status).where(ImportBatch.id == batch))
