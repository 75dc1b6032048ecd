"""For tests of rises: a town in which something is granted, and a standard that rises."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlalchemy import select, text

from relief.accounts.delegation import StandIn
from relief.accounts.identity import Actor, scope_of
from relief.accounts.types import Role
from relief.core.ids import new_id
from relief.funds.models import BackPay, Entitlement
from relief.review.changing import acts as changing
from relief.review.changing.types import ChangeKind, Excuse
from relief.review.rising import queries, service, values
from relief.review.rising.queries import RiseEntryRow, RiseRow
from tests.support.listing import Town
from tests.support.people import CITY
from tests.support.settings import START

STANDARD = "disability_living_min"  # by which S09 gives 90 yuan a month
CITY_CODE = int(CITY)
RISEN_ON, PAID_FROM = date(2026, 11, 1), date(2026, 12, 1)
SOURCE, REASON = "市民发〔2026〕99号", "按新标准调整"

# Of one that was granted: its case, what was found out in it, its decision and what it gives.
_CLONES = text("""
WITH made AS (
    SELECT n, gen_random_uuid() AS case_id, gen_random_uuid() AS person_id,
        gen_random_uuid() AS decision_id
    FROM generate_series(1, :count) n
), cases AS (
    INSERT INTO aid_case
    SELECT (jsonb_populate_record(c, jsonb_build_object(
        'id', made.case_id, 'person_id', made.person_id, 'identity_id', NULL,
        'number', c.number || 'N' || made.n
    ))).* FROM aid_case c, made WHERE c.id = :case_id
), facts AS (
    INSERT INTO case_fact
    SELECT (jsonb_populate_record(f, jsonb_build_object(
        'id', gen_random_uuid(), 'case_id', made.case_id
    ))).* FROM case_fact f, made WHERE f.case_id = :case_id
), decisions AS (
    INSERT INTO case_decision
    SELECT (jsonb_populate_record(d, jsonb_build_object(
        'id', made.decision_id, 'case_id', made.case_id
    ))).* FROM case_decision d, made WHERE d.case_id = :case_id
)
INSERT INTO entitlement
SELECT (jsonb_populate_record(e, jsonb_build_object(
    'id', gen_random_uuid(), 'decision_id', made.decision_id, 'person_id', made.person_id,
    'identity_id', NULL
))).*
FROM entitlement e JOIN case_decision d ON d.id = e.decision_id, made
WHERE d.case_id = :case_id
""")


def standing_in(actor: Actor) -> Actor:
    """Somebody who may decide only for another of the same office."""
    return replace(
        actor, id=new_id(START), roles=frozenset({Role.CLERK}),
        acts_for=(StandIn(actor.id, "王批", frozenset({Role.APPROVER})),),
    )  # fmt: skip


class Rising:
    """What a rise needs, on a town. The drawer and the signer are two approvers of the city."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.drawer, self.signer = town.newcomer(), town.newcomer()

    def granted(self, count: int = 1) -> Sequence[uuid.UUID]:
        """Cases in which S09 was granted by its rule."""
        cases = self.town.waiting(count)
        self.town.decided()
        return cases

    def crowd(self, case_id: uuid.UUID, count: int) -> None:
        """So many more like one that was granted."""
        with self.town.opened() as session:
            session.execute(_CLONES, {"case_id": case_id, "count": count})

    def publish(
        self,
        value: int = 100,
        name: str = STANDARD,
        on: date = RISEN_ON,
        region: int = CITY_CODE,
    ) -> None:
        """Let a standard rise, in the city or a county of its own."""
        draft_id = self.draft(value, name, on, region)
        with self.town.opened() as session:
            values.publish(session, actor=self.signer, draft_id=draft_id, now=self.town.clock())

    def draft(
        self,
        value: int = 100,
        name: str = STANDARD,
        on: date = RISEN_ON,
        region: int = CITY_CODE,
    ) -> uuid.UUID:
        with self.town.opened() as session:
            return values.draft(
                session, actor=self.drawer, name=name, region_code=region, valid_from=on,
                value=Decimal(value), source=SOURCE, now=self.town.clock(),
            )  # fmt: skip

    def start(self, actor: Actor | None = None, **given) -> uuid.UUID:
        """Begin a rise, which the worker draws then."""
        told = {
            "scheme_code": "S09", "effective_on": RISEN_ON, "region_code": CITY_CODE,
            "paid_from": PAID_FROM, "reason": REASON, "now": self.town.clock(),
        } | given  # fmt: skip
        with self.town.opened() as session:
            return service.start(session, actor=actor or self.drawer, **told)

    def drawn(self, **given) -> uuid.UUID:
        rise_id = self.start(**given)
        assert self.town.work()
        return rise_id

    def act(self, what, rise_id: uuid.UUID, actor: Actor | None = None, **given) -> None:
        with self.town.opened() as session:
            what(
                session, actor=actor or self.signer, rise_id=rise_id, now=self.town.clock(),
                **given,
            )  # fmt: skip

    def sign(self, rise_id: uuid.UUID, actor: Actor | None = None) -> None:
        self.act(service.sign, rise_id, actor, digest=self.told(rise_id).digest or "")

    def risen(self, **given) -> uuid.UUID:
        """Draw, sign and work; return the rise."""
        rise_id = self.drawn(**given)
        self.sign(rise_id)
        assert self.town.work()
        return rise_id

    def propose(self, case_id: uuid.UUID, amount: int = 50_00) -> None:
        """Propose to reduce what a case granted."""
        reviewer = self.town.actor(Role.REVIEWER)
        with self.town.opened() as session:
            changing.propose(
                session, actor=reviewer, case_id=case_id, kind=ChangeKind.REDUCE,
                amount_fen=amount, reason="情况有变", legal="社会救助法第四十七条", excuse=None,
                excuse_proof=None, now=self.town.clock(),
            )  # fmt: skip

    def stop(self, case_id: uuid.UUID) -> uuid.UUID:
        """Stop what a case granted at the family's own wish; return the change."""
        with self.town.opened() as session:
            changing.propose(
                session, actor=self.town.actor(Role.REVIEWER), case_id=case_id,
                kind=ChangeKind.STOP, amount_fen=None, reason="不再需要",
                legal="社会救助法第四十七条", excuse=Excuse.OWN_WISH, excuse_proof="书面申请",
                now=self.town.clock(),
            )  # fmt: skip
        with self.town.opened() as session:
            return changing.decide(
                session, actor=self.town.newcomer(), case_id=case_id, carried=True,
                reason="本人意愿", now=self.town.clock(),
            )  # fmt: skip

    def told(self, rise_id: uuid.UUID) -> RiseRow:
        with self.town.opened() as session:
            return queries.get_rise(session, actor=self.signer, rise_id=rise_id)

    def entries(self, rise_id: uuid.UUID, **given) -> Sequence[RiseEntryRow]:
        with self.town.opened() as session:
            return queries.entries(
                session, actor=self.signer, rise_id=rise_id, limit=200, cursor=None, **given
            ).items

    def report(self, rise_id: uuid.UUID):
        """What became of each: case → status and reason."""
        return {
            one.case_id: (one.status.value, one.reason.value if one.reason else None)
            for one in self.entries(rise_id)
        }

    def entitlements(self, person_id: uuid.UUID | None = None) -> list[tuple[int, str]]:
        """What is entitled to, as sum and period."""
        with self.town.opened() as session:
            query = select(Entitlement.amount_fen, Entitlement.period)
            if person_id:
                query = query.where(Entitlement.person_id == person_id)
            return sorted((row.amount_fen, str(row.period)) for row in session.execute(query))

    def owed(self) -> list[tuple[str, int, int, int]]:
        with self.town.opened() as session:
            return [
                (str(one.first_month), one.months, one.monthly_fen, one.amount_fen)
                for one in session.scalars(select(BackPay).order_by(BackPay.amount_fen))
            ]

    def county(self, role: Role = Role.APPROVER, region: str = "210302000000") -> Actor:
        """Somebody of a county's office."""
        from tests import factories  # noqa: PLC0415  # its fixtures import this module's

        with self.town.opened() as session:
            account = factories.make_account(session, role, department="D01", region=region)
            return replace(factories.actor_of(account, role), scope=scope_of(session, account))
