"""Stewards at work in tests: files, merges and decisions on people called by their names."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.core.privacy.cipher import Cipher
from relief.core.scope import Scope, subtree
from relief.registry.decisions import homes, queries, service
from relief.registry.decisions.acts import Act
from relief.registry.intake import service as intake
from relief.registry.merging.service import MergeReport, merge
from relief.registry.models import ImportBatch, LinkReview, Person, SourceIdentity, SourceLink
from relief.registry.types import BatchStatus, Verdict
from tests.support.settings import START
from tests.support.source import send

WHOLE_CITY = Scope((subtree(210300000000),), None)
REASON = "与户口簿核对过"


class Desk:
    """One steward with a database; every act is a minute later than the one before."""

    def __init__(self, session: Session, cipher: Cipher, steward: uuid.UUID) -> None:
        self.session, self.cipher, self.steward = session, cipher, steward
        self.moment = START

    def later(self) -> datetime:
        self.moment += timedelta(minutes=1)
        return self.moment

    def send(self, scheme: str, *rows: dict) -> uuid.UUID:
        return send(self.session, self.cipher, scheme, *rows, now=self.later())

    def merge(self, *, whole: bool = False) -> MergeReport:
        return merge(self.session, cipher=self.cipher, actor_id=None, now=self.later(), whole=whole)

    def file(self, scheme: str, *rows: dict) -> uuid.UUID:
        batch = self.send(scheme, *rows)
        self.merge()
        return batch

    def undo(self, batch_id: uuid.UUID) -> None:
        intake.undo_batch(self.session, batch_id=batch_id, actor_id=self.steward, now=self.later())
        self.merge()

    def batch(self, scheme: str) -> uuid.UUID:
        """The only live batch of a scheme."""
        return self.session.scalars(
            select(ImportBatch.id).where(
                ImportBatch.scheme_code == scheme, ImportBatch.status == BatchStatus.MERGED
            )
        ).one()

    def people(self) -> dict[uuid.UUID, set[tuple[str, str]]]:
        """Who is in the registry: of each person, the schemes and names that speak of them."""
        found: dict[uuid.UUID, set[tuple[str, str]]] = {}
        for person, scheme, name in self.session.execute(
            select(SourceLink.person_id, SourceIdentity.scheme_code, SourceIdentity.name).join(
                SourceIdentity, SourceIdentity.id == SourceLink.identity_id
            )
        ):
            found.setdefault(person, set()).add((scheme, name))
        return found

    def groups(self) -> list[list[tuple[str, str]]]:
        return sorted(sorted(group) for group in self.people().values())

    def person(self, name: str) -> uuid.UUID:
        return self.session.scalars(select(Person.id).where(Person.name == name)).one()

    def of(self, scheme: str, name: str) -> uuid.UUID:
        """The person of whom this scheme says this name."""
        return next(p for p, said in self.people().items() if (scheme, name) in said)

    def identities(self, person_id: uuid.UUID, chosen: Callable[[SourceIdentity], bool]) -> list:
        rows = self.session.scalars(
            select(SourceIdentity)
            .join(SourceLink, SourceLink.identity_id == SourceIdentity.id)
            .where(SourceLink.person_id == person_id)
        )
        return [row.id for row in rows if chosen(row)]

    def seen(self, *people: uuid.UUID) -> str:
        return queries.version(self.session, people)

    def review(self) -> LinkReview:
        return self.session.scalars(
            select(LinkReview).where(LinkReview.closed_at.is_(None)),
            execution_options={"populate_existing": True},
        ).one()

    def answer(self, verdict: Verdict, *, by: uuid.UUID | None = None, **more: object) -> Act:
        review = more.pop("review", None) or self.review()
        detail = queries.review_detail(
            self.session, self.cipher, scope=WHOLE_CITY, review_id=review.id
        )
        return service.decide_review(
            self.session,
            cipher=self.cipher,
            scope=WHOLE_CITY,
            review_id=review.id,
            verdict=verdict,
            seen=more.pop("seen", None) or detail.seen,
            reason=REASON,
            actor_id=by or self.steward,
            now=self.later(),
            **more,
        )

    def settle(self, claim: str, **more: object) -> Act:
        review = more.pop("review", None) or self.review()
        detail = queries.review_detail(
            self.session, self.cipher, scope=WHOLE_CITY, review_id=review.id
        )
        return homes.settle_home(
            self.session,
            cipher=self.cipher,
            scope=more.pop("scope", WHOLE_CITY),
            review_id=review.id,
            claim=claim,
            seen=more.pop("seen", None) or detail.seen,
            reason=REASON,
            actor_id=self.steward,
            now=self.later(),
        )

    def split(self, person_id: uuid.UUID, identities: list, **more: object) -> Act:
        return service.split_person(
            self.session,
            cipher=self.cipher,
            scope=WHOLE_CITY,
            person_id=person_id,
            identities=identities,
            seen=more.pop("seen", None) or self.seen(person_id),
            reason=REASON,
            actor_id=self.steward,
            now=self.later(),
        )

    def unite(self, person_id: uuid.UUID, other_id: uuid.UUID, **more: object) -> Act:
        return service.merge_persons(
            self.session,
            cipher=self.cipher,
            scope=WHOLE_CITY,
            person_id=person_id,
            other_id=other_id,
            seen=more.pop("seen", None) or self.seen(person_id),
            other_seen=more.pop("other_seen", None) or self.seen(other_id),
            reason=REASON,
            actor_id=self.steward,
            now=self.later(),
        )

    def withdraw(self, act: Act) -> Act:
        return service.withdraw(
            self.session,
            cipher=self.cipher,
            scope=WHOLE_CITY,
            act_id=act.id,
            reason="核对有误，撤回",
            actor_id=self.steward,
            now=self.later(),
        )
