"""Random sequences of imports, decisions and undos on a small population of doubtful records.

`Sequence.run` does one; after each undo it compares the registry, by natural content, with what
a merge from nothing makes of the inputs that are left, and at the end every state that was
believed on the way with what the row history says of that moment.
"""

import random
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from relief.core.errors import DomainError
from relief.core.privacy import store
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.models import SecretKind
from relief.registry.decisions import queries
from relief.registry.models import LinkDecision, LinkReview, SourceIdentity, SourceLink
from relief.registry.types import ReviewKind, Verdict
from tests.support.deciding import WHOLE_CITY, Desk
from tests.support.settings import START
from tests.support.source import number, registry_by_content

BORN, CHILD_BORN = date(1980, 3, 4), date(2015, 6, 7)
FATHER = {"name": "王建国", "number": number(BORN, 1), "household_number": "1", "relation": "02"}
MOTHER = {"name": "李秀英", "number": number(BORN, 2), "household_number": "1", "relation": "10"}
CHILD = {"name": "王小宝", "born_on": CHILD_BORN, "number": number(CHILD_BORN, 3)}
NAMESAKE, ANOTHER = (
    {"name": "张伟", "number": number(BORN, serial), "household_number": f"{serial}"}
    for serial in (11, 13)
)
# Slips, a guardian's number, people without a number, namesakes, and families that disagree.
FILES: tuple[tuple[str, tuple[dict[str, Any], ...]], ...] = (
    ("S01", (FATHER, MOTHER, {**CHILD, "number": None, "household_number": "1"})),
    ("S18", ({**CHILD, "number": FATHER["number"]}, {**CHILD, "months": [3, 9]})),
    ("S09", ({**FATHER, "name": "王建园", "household_number": "9"}, MOTHER)),
    ("S16", ({"name": "张伟", "born_on": BORN}, {"name": "王小宝", "born_on": None})),
    ("S02", (NAMESAKE, ANOTHER)),
    ("S28", ({**NAMESAKE, "address": "乙街2号"}, {**MOTHER, "number": None})),
)
TABLES = {
    "person": "id",
    "household": "id",
    "membership": "person_id",
    "enrolment": "id",
}
UNTOLD = ("origins", "merged_at", "source_id", "home_region_code", "name_sounds")
Natural = tuple[Any, ...]


def know_numbers(session: Session, cipher: Cipher) -> None:
    """Give every number its id, so that what one sequence found out is good for the next."""
    numbers = {row["number"] for _, rows in FILES for row in rows if row.get("number")}
    store.put_many(session, cipher, SecretKind.CITIZEN_ID, sorted(numbers), now=START)


class Sequence:
    """One sequence, in a transaction that the caller undoes."""

    def __init__(
        self,
        session: Session,
        cipher: Cipher,
        steward: uuid.UUID,
        *,
        seed: int,
        fresh: dict[Natural, Natural],
    ) -> None:
        self.session = session
        self.desk = Desk(session, cipher, steward)
        self.chance = random.Random(seed)  # noqa: S311  # no secret
        self.fresh = fresh  # what merges from nothing gave, by their inputs
        self.live: dict[uuid.UUID, int] = {}
        self.open: list[Any] = []
        self.believed: list[tuple[datetime, dict[str, Any]]] = []
        self.trails: dict[str, list[Any]] = {"row_version": [], "audit_event": []}
        self.done: Counter[str] = Counter()

    def begin(self, files: int) -> None:
        """Import some files and merge them."""
        for which in self.chance.sample(range(len(FILES)), files):
            self._import(which)
        self.desk.merge()
        self.fresh[self._inputs()] = self.now()  # nothing was there before

    def go_on(self, seed: int) -> "Sequence":
        """Return another sequence that begins where this one stands."""
        other = Sequence(
            self.session, self.desk.cipher, self.desk.steward, seed=seed, fresh=self.fresh
        )
        other.desk.moment, other.live = self.desk.moment, dict(self.live)
        return other

    def run(self, steps: int, *, always: bool = False) -> None:
        """Do some steps; `always`: compare after each, and not after undos only."""
        for step in range(steps):
            # The last step takes something back, or there is nothing to show.
            self._step(undo=step == steps - 1, always=always)
        for moment, state in self.believed:
            assert believed_at(self.session, moment) == state

    def _step(self, *, undo: bool, always: bool) -> None:
        acts: dict[str, Callable[[], None]] = {"undo": self._undo, "withdraw": self._withdraw}
        if not undo:
            acts |= {
                "import": self._import_and_merge,
                "answer": self._answer,
                "split": self._split,
                "unite": self._unite,
            }
        if undo and not (self.live or self.open):
            self._import_and_merge()  # everything was taken back already
        there = {"undo": self.live, "withdraw": self.open}
        name = self.chance.choice([name for name in acts if there.get(name, True)])
        try:
            with self.session.begin_nested():
                acts[name]()
        except DomainError as refused:
            name = refused.code
        self.done[name] += 1
        self._only_grown()
        self.believed.append((self.desk.moment, believed(self.session)))
        if always or name in {"undo", "withdraw"}:
            assert self.now() == self.from_nothing()

    def _import(self, which: int) -> None:
        scheme, rows = FILES[which]
        self.live[self.desk.send(scheme, *rows)] = which

    def _import_and_merge(self) -> None:
        self._import(self.chance.randrange(len(FILES)))
        self.desk.merge()

    def _undo(self) -> None:
        batch = self.chance.choice(sorted(self.live))
        self.desk.undo(batch)
        del self.live[batch]

    def _withdraw(self) -> None:
        act = self.chance.choice(self.open)
        self.desk.withdraw(act)
        self.open.remove(act)

    def _answer(self) -> None:
        reviews = self.session.scalars(
            select(LinkReview).where(LinkReview.closed_at.is_(None)).order_by(LinkReview.key)
        ).all()
        if not reviews:
            return self._unite()
        review = self.chance.choice(reviews)
        if review.kind is ReviewKind.HOUSEHOLD:
            home = self.chance.choice(review.evidence["options"])
            self.open.append(self.desk.settle(home["claim"], review=review))
            return None
        found = queries.candidates_of(self.session, WHOLE_CITY, review)
        verdict = self.chance.choice([Verdict.SAME, Verdict.DIFFERENT])
        chosen = {}
        if review.person_id is None and verdict is Verdict.SAME and found:
            chosen = {"candidate_id": self.chance.choice(found).id}
        self.open.append(self.desk.answer(verdict, review=review, **chosen))
        return None

    def _split(self) -> None:
        many = {p: self._said(p) for p in sorted(self.desk.people()) if len(self._said(p)) > 1}
        if not many:
            return self._unite()
        person = self.chance.choice(list(many))
        some = self.chance.sample(many[person], self.chance.randrange(1, len(many[person])))
        self.open.append(self.desk.split(person, some))
        return None

    def _unite(self) -> None:
        people = sorted(self.desk.people())
        if len(people) > 1:
            self.open.append(self.desk.unite(*self.chance.sample(people, 2)))

    def _said(self, person: uuid.UUID) -> list[uuid.UUID]:
        return sorted(self.desk.identities(person, lambda _: True))

    def now(self) -> Natural:
        """The registry by natural content, with who speaks of whom."""
        names = self._names()
        people: dict[uuid.UUID, list[Any]] = {}
        for identity, person, rule in self.session.execute(
            select(SourceLink.identity_id, SourceLink.person_id, SourceLink.rule)
        ):
            people.setdefault(person, []).append((*names[identity], rule.value))
        content = registry_by_content(self.session)
        return repr(sorted(sorted(said) for said in people.values())), repr(content)

    def from_nothing(self) -> Natural:
        """The same after a merge that knows the inputs and nothing else."""
        inputs = self._inputs()
        if inputs not in self.fresh:
            undone = self.session.begin_nested()
            for table in ("aid_year", "enrolment", "membership", "identity_registry",
                          "source_link", "link_review", "link_part", "household",
                          "person", "region_aid", "quality_figure"):  # fmt: skip
                self.session.execute(text(f"DELETE FROM {table}"))  # noqa: S608  # ours
            self.desk.merge(whole=True)
            self.fresh[inputs] = self.now()
            undone.rollback()
        return self.fresh[inputs]

    def _inputs(self) -> Natural:
        """What the registry follows from: the files, and the decisions by what they name."""
        names = {f"i:{identity}": name for identity, name in self._names().items()}
        decided = self.session.scalars(
            select(LinkDecision).where(LinkDecision.withdrawn_at.is_(None))
        )
        said = sorted(
            repr(
                (
                    sorted(str(names.get(end, end)) for end in (row.one_anchor, row.other_anchor)),
                    row.verdict.value,
                    str(names.get(row.moved_anchor or "", row.moved_anchor)),
                )
            )
            for row in decided
        )
        return (*sorted(self.live.values()), *said)

    def _names(self) -> dict[uuid.UUID, Natural]:
        """Each identity by its file, which copy of the file, and its place in it."""
        copies: Counter[int] = Counter()
        copy_of = {}
        for batch, which in sorted(self.live.items()):
            copies[which] += 1
            copy_of[batch] = (which, copies[which])
        rows = self.session.execute(
            select(SourceIdentity.id, SourceIdentity.batch_id).order_by(SourceIdentity.id)
        )
        places: Counter[uuid.UUID] = Counter()
        found = {}
        for identity, batch in rows:
            places[batch] += 1
            if batch in copy_of:
                found[identity] = (*copy_of[batch], self._content(identity))
        return found

    def _content(self, identity: uuid.UUID) -> str:
        said = self.session.get_one(SourceIdentity, identity)
        return f"{said.name} {said.born_on} {said.citizen_id} {said.address} {said.first_on}"

    def _only_grown(self) -> None:
        for table, before in self.trails.items():
            rows = self.session.execute(
                text(f"SELECT t::text FROM {table} t ORDER BY id")  # noqa: S608  # ours
            ).scalars()
            after = list(rows)
            lost = Counter(before) - Counter(after)
            assert not lost, f"{table} lost {lost}"
            self.trails[table] = after


def believed(session: Session) -> dict[str, Any]:
    """The rows that have a history, as they are now."""
    found = {}
    for table, key in TABLES.items():
        rows = session.execute(text(f"SELECT {key}, to_jsonb(t) FROM {table} t"))  # noqa: S608
        found |= {f"{table} {row_id}": _told(row) for row_id, row in rows}
    return found


def believed_at(session: Session, moment: datetime) -> dict[str, Any]:
    """The same as of an earlier moment: what is now, with every later change taken back."""
    state = believed(session)
    versions = session.execute(
        text(
            "SELECT table_name, row_id, op, before FROM row_version"
            " WHERE changed_at > :moment ORDER BY id DESC"
        ),
        {"moment": moment},
    )
    for table, row_id, op, before in versions:
        name = f"{table} {row_id}"
        if op == "I":
            del state[name]
        elif op == "D":
            state[name] = _told(before)
        else:
            state[name] = state[name] | _told(before)
    return state


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {column: value for column, value in row.items() if column not in UNTOLD}
