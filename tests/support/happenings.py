"""What happens in a town: files of every kind, come and taken back, and what stewards decide."""

import random
import uuid
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.core.errors import DomainError
from relief.core.privacy.cipher import Cipher
from relief.registry.models import LinkReview
from relief.registry.types import FileContent, ReviewKind
from tests.support.deciding import Desk
from tests.support.source import VILLAGE, number, send

BORN, CHILD_BORN = date(1980, 3, 4), date(2015, 6, 7)
SCHEMES = ("S01", "S02", "S09", "S16", "S18", "S28")


def assert_whole_changes_nothing(desk: Desk) -> None:
    """Whatever was left alone is as a merge of everything has it."""
    undone = desk.session.begin_nested()
    report = desk.merge(whole=True)
    touched = {
        table: change
        for table, change in report.as_json()["changes"].items()
        if any(change.values())
    }
    undone.rollback()
    desk.session.expire_all()
    assert report.whole
    assert (touched, report.reviews_opened, report.reviews_closed) == ({}, 0, 0)


def row(chance: random.Random) -> dict[str, Any]:
    """Someone, in the words of some clerk."""
    born = chance.choice([BORN, CHILD_BORN, None])
    return {
        "name": chance.choice(["王建国", "王建园", "李秀英", "王小宝", "张伟"]),
        "born_on": born,
        "number": chance.choice([number(BORN, 1), number(BORN, 2), number(CHILD_BORN, 3),
                                 number(BORN, 1)[:-2] + "00", None, None]),
        "household_number": chance.choice(["1", "2", "3", None]),
        "householder_name": chance.choice([None, "王建国", "李秀英"]),
        "address": chance.choice([None, "甲街1号", "乙街2号"]),
        "phone": chance.choice([None, None, "15400000001"]),
        "relation": chance.choice([None, "02", "10", "20"]),
        "region_code": chance.choice([VILLAGE, VILLAGE, VILLAGE + 1, 210303002001]),
    }  # fmt: skip


class Town:
    """Files of every kind, come and taken back, and what stewards decide."""

    def __init__(self, session: Session, cipher: Cipher, steward: uuid.UUID, *, seed: int) -> None:
        self.desk = Desk(session, cipher, steward)
        self.chance = random.Random(seed)  # noqa: S311  # no secret
        self.live: list[uuid.UUID] = []

    def step(self) -> None:
        """Let something happen."""
        kinds = ["paid", "paid", "paid", "roll", "changes", "undo", "unite", "split", "home"]
        kind = self.chance.choice(kinds)
        try:
            with self.desk.session.begin_nested():
                getattr(self, kind)()
        except DomainError:
            pass

    def _send(self, content: FileContent, **more: Any) -> None:
        rows = [row(self.chance) for _ in range(self.chance.randrange(1, 4))]
        for each in rows:
            if content is FileContent.HISTORY:
                months = self.chance.sample(range(1, 11), self.chance.randrange(1, 4))
                each["months"] = sorted(months)
            elif content is FileContent.CHANGES:
                each["action"] = self.chance.choice(["joined", "changed", "left"])
        session, cipher = self.desk.session, self.desk.cipher
        scheme = self.chance.choice(SCHEMES)
        now = self.desk.later()
        self.live.append(send(session, cipher, scheme, *rows, now=now, content=content, **more))
        self.desk.merge()

    def paid(self) -> None:
        self._send(FileContent.HISTORY)

    def roll(self) -> None:
        self._send(FileContent.ROLL, day=date(2026, self.chance.randrange(1, 11), 1))

    def changes(self) -> None:
        self._send(FileContent.CHANGES, day=date(2026, self.chance.randrange(1, 11), 1))

    def undo(self) -> None:
        if self.live:
            self.desk.undo(self.live.pop(self.chance.randrange(len(self.live))))

    def unite(self) -> None:
        people = sorted(self.desk.people())
        if len(people) > 1:
            self.desk.unite(*self.chance.sample(people, 2))

    def home(self) -> None:
        asked = self.desk.session.scalars(
            select(LinkReview)
            .where(LinkReview.closed_at.is_(None), LinkReview.kind == ReviewKind.HOUSEHOLD)
            .order_by(LinkReview.key),
            execution_options={"populate_existing": True},
        ).all()
        if asked:
            review = self.chance.choice(asked)
            option = self.chance.choice(review.evidence["options"])
            self.desk.settle(option["claim"], review=review)

    def split(self) -> None:
        said = {p: sorted(self.desk.identities(p, lambda _: True)) for p in self.desk.people()}
        many = {p: ids for p, ids in sorted(said.items()) if len(ids) > 1}
        if many:
            person = self.chance.choice(list(many))
            some = self.chance.sample(many[person], self.chance.randrange(1, len(many[person])))
            self.desk.split(person, some)
