"""What the state machine of cases does about what was granted: less, nothing, more, looked at."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.funds.models import Entitlement
from relief.review import happenings, service
from relief.review.changing import acts as changing
from relief.review.changing.types import ChangeKind, ChangeState, Excuse, ServedBy
from relief.review.checks.acts import Signed
from relief.review.errors import NotYours
from relief.review.models import CaseDecision, CaseStage
from relief.review.rechecking import acts as rechecking
from relief.review.rechecking.types import Every, Found
from relief.review.rising import queries as rises
from relief.review.rising import service as rising
from relief.review.rising import task, values
from relief.review.rising.types import RiseReason, RiseStatus
from relief.review.types import LIVE, StageStatus
from relief.tasks import worker
from tests.support.case_aid import ANSWER_DAYS, Change, Piece, next_month, working_days_on
from tests.support.case_memory import Memory
from tests.support.people import CITY
from tests.support.referring import way_in
from tests.support.settings import CIPHER, make_config

if TYPE_CHECKING:
    from tests.support.case_machine import CaseMachine

# What comes from outside after a grant, by what it starts.
AWAITED = {"S02": ("change_report", "SELFCARE"), "S03": ("emergency_end", "BACKFILL"),
           "S12": ("emergency_end", "BACKFILL")}  # fmt: skip
BY_LIST = "S09"  # which rises with its standard
STANDARD = "disability_living_min"
_WHY = {"reason": "情况有变", "legal": "社会救助法第四十七条"}
_GIVEN = [
    (None, None), (None, None), (None, None), (Excuse.OWN_WISH, "书面申请"),
    (Excuse.DEATH, "死亡证明"), (Excuse.OWN_WISH, None), (None, "书面申请"),
]  # fmt: skip


def amount_of(scheme: str) -> int:
    """What is granted, in fen: by the rule, where one alone may raise it."""
    return 90_00 if scheme == BY_LIST else 564_00


def until_granted(machine: "CaseMachine") -> None:
    """Take the case to its grant, as everybody does their part in time."""
    for _ in range(20):
        if machine.memory.decisions:
            return
        before = machine.done
        if machine.scheme == BY_LIST and not machine.memory.finders:
            machine.find_out(0, 0, None)
        machine.go_on(0, 5, None)
        machine.decide(2, 0, None)
        if machine.done == before:
            machine.let_pass(timedelta(days=8))


def granted(machine: "CaseMachine") -> None:
    """Remember what a decision just granted."""
    row, by_rule = machine.session.execute(
        select(Entitlement, CaseDecision.calculation.is_not(None) & CaseDecision.departs.is_(None))
        .join(CaseDecision, CaseDecision.id == Entitlement.decision_id)
        .where(CaseDecision.case_id == machine.case_id)
    ).one()
    piece = Piece(row.amount_fen, row.period.lower, row.period.upper, by_rule=bool(by_rule))
    machine.aid.grant(piece, machine.scheme)


def less(machine: "CaseMachine", who: int, number: int, words: str | None) -> None:
    """Reduce or stop, as those do whom each step waits for: some of the steps."""
    for _ in range(1 + number % 4):
        step = _next(machine.aid.change)
        actor = _decider(machine, who) if step is _decide else _preparer(machine, who)
        step(machine, actor, number, words)


def less_anyhow(machine: "CaseMachine", who: int, number: int, words: str | None) -> None:
    """Do any step of a change, as anybody, whether it is its time or not."""
    steps = (_propose, _serve, _hear, _decide)
    actors = machine.stage.actors
    actor = actors[who % 4] if who < 12 else actors[number * 5 % len(actors)]
    steps[number % 4](machine, actor, number, words)


def recheck(machine: "CaseMachine", who: int, number: int, words: str | None) -> None:
    """Record a re-check: unchanged or changed, and how soon the next is."""
    every = (None, None, Every.HALF_YEARLY, Every.YEARLY, Every.QUARTERLY)[number % 5]
    found = Found.CHANGED if number % 2 else Found.UNCHANGED
    given = {"found": found, "finding": words or "入户核查", "every": every}
    if machine.act(rechecking.record, _preparer(machine, who), **given):
        machine.aid.recheck(found, every, machine.today)


def report(machine: "CaseMachine", who: int, number: int, words: str | None) -> None:
    """Report what happened outside, today or some days ago; the same again is refused."""
    event, stage = AWAITED.get(machine.scheme, ("change_report", ""))
    day = machine.today - timedelta(days=number)
    given = {"event": event, "happened_on": day, "told": words or "情况有变"}
    actor = machine.actor(who)
    if machine.act(happenings.report, actor, **given):
        assert machine.aid.pieces, "nothing was granted, and something is awaited"
        row = machine.session.scalars(
            select(CaseStage)
            .where(CaseStage.case_id == machine.case_id, CaseStage.code == stage)
            .order_by(CaseStage.turn.desc())
        ).first()
        assert row is not None
        assert (row.begun_on, row.status) == (day, StageStatus.OPEN)
        machine.aid.acts.append("reported")
        assert not machine.act(happenings.report, actor, **given)


def more(machine: "CaseMachine", who: int, number: int, _words: str | None) -> None:
    """Let the standard rise from this month on, and raise by a signed list."""
    if machine.scheme != BY_LIST or not machine.aid.pieces:
        return
    effective_on = machine.today.replace(day=1)
    given = {
        "standard": machine.aid.standard + 1 + number,
        "effective_on": effective_on,
        "paid_from": next_month(effective_on) if number % 2 else effective_on,
        "signer": machine.stage.actors[2],
    }
    if machine.act(_raise, machine.stage.actors[who % 4], **given):
        del given["signer"]
        machine.aid.rise(today=machine.today, **given)


def apply_again(machine: "CaseMachine", who: int, number: int, _words: str | None) -> None:
    """Apply for the same once more, when the case is over."""
    if number > 6 or machine.case().status in LIVE:
        return
    made: list[Any] = []

    def submit(session: Session, *, actor: Actor, now: datetime, **_: object) -> None:
        signed = [Signed(person_id=machine.stage.person_id, signed_on=machine.today)]
        case_id = service.submit(
            session, actor=actor, person_id=machine.stage.person_id, scheme_code=machine.scheme,
            need="仍有困难", now=now, authorisations=signed, referred=way_in(machine.scheme, now),
        )  # fmt: skip
        made.append(case_id)

    actor = machine.stage.actors[who % 4]
    if machine.act(submit, actor):
        machine.came_to.update(machine.aid.told())
        machine.case_id, machine.entered_by = made[0], actor
        machine.memory = Memory(entered_on=machine.today)
        machine.aid = machine.aid.of_next_case()


def years_pass(machine: "CaseMachine", _who: int, number: int, _words: str | None) -> None:
    """Let some months pass where the case is over, so that re-checks come due."""
    if machine.case().status not in LIVE:
        machine.let_pass(timedelta(days=20 * (1 + number), hours=number))


def _propose(machine: "CaseMachine", actor: Actor, number: int, _words: str | None) -> None:
    aid = machine.aid
    runs = aid.running(machine.today)
    kind = ChangeKind.STOP if number % 2 else ChangeKind.REDUCE
    amount = None
    if kind is ChangeKind.REDUCE:
        amount = (runs.amount if runs else 100) // (1 if number == 6 else 2) or 1
    excuse, proof = _GIVEN[number % len(_GIVEN)]
    given = {"kind": kind, "amount_fen": amount, "excuse": excuse, "excuse_proof": proof} | _WHY
    if machine.act(changing.propose, actor, **given):
        assert aid.change is None, "two changes at once"
        assert runs is not None
        assert (excuse is None) == (proof is None)
        aid.change = Change(kind, amount, excuse is not None, machine.today, hands={actor.id})


def _serve(machine: "CaseMachine", actor: Actor, number: int, words: str | None) -> None:
    change = machine.aid.change
    day = machine.today - timedelta(days=number % 3)
    given = {"served_on": day, "served_by": ServedBy.DIRECT, "proof": words or "送达回证"}
    if machine.act(changing.serve, actor, **given):
        assert change is not None
        assert change.answer_by is None
        assert change.proposed_on <= day
        change.answer_by = working_days_on(day, ANSWER_DAYS)
        change.hands.add(actor.id)


def _hear(machine: "CaseMachine", actor: Actor, _number: int, words: str | None) -> None:
    change = machine.aid.change
    if machine.act(changing.hear, actor, views=words):
        assert change is not None
        assert change.answer_by is not None, "heard before the notice arrived"
        assert not change.heard
        assert words or machine.today > change.answer_by, "silent while there was time"
        change.heard = True
        change.hands.add(actor.id)


def _decide(machine: "CaseMachine", actor: Actor, number: int, words: str | None) -> None:
    change = machine.aid.change
    carried = number % 6 != 0
    given = {"carried": carried, "reason": words or "核实无误"}
    if machine.act(changing.decide, actor, **given):
        assert change is not None
        assert actor.id not in change.hands, "four eyes"
        if carried:
            machine.aid.carry(machine.scheme, machine.today)
        else:
            machine.aid.close(ChangeState.DROPPED)


def _next(change: Change | None) -> Callable[..., None]:
    """What comes next; what is excused need not be heard, and is not."""
    if change is None:
        return _propose
    if change.heard or change.excused:
        return _decide
    return _hear if change.answer_by else _serve


def _office(machine: "CaseMachine") -> list[Actor]:
    """Those of the scheme's lead: two of every role, one who approves, one who stands in."""
    code = {"S19": "D03", "S22": "D04"}.get(machine.scheme, "D01")
    return [one for one in machine.stage.actors if one.department_code == code]


def _preparer(machine: "CaseMachine", who: int) -> Actor:
    return _office(machine)[who % 2] if who < 14 else machine.actor(who)


def _decider(machine: "CaseMachine", who: int) -> Actor:
    """Mostly who only approves; else who may have prepared it, or stands in."""
    return _office(machine)[(2, 2, 1, 3)[who % 4]]


def _raise(
    session: Session, *, actor: Actor, case_id: object, signer: Actor, standard: int,
    effective_on: Any, paid_from: Any, now: datetime,
) -> None:  # fmt: skip
    """Draft a value, publish it, draw the list, sign it and let the worker do it."""
    draft_id = values.draft(
        session, actor=actor, name=STANDARD, region_code=int(CITY), valid_from=effective_on,
        value=Decimal(standard), source="市民发〔2026〕99号", now=now,
    )  # fmt: skip
    values.publish(session, actor=signer, draft_id=draft_id, now=now)
    rise_id = rising.start(
        session, actor=actor, scheme_code=BY_LIST, effective_on=effective_on,
        region_code=int(CITY), paid_from=paid_from, reason="按新标准调整", now=now,
    )  # fmt: skip
    _work(session, now)
    drawn = rises.get_rise(session, actor=signer, rise_id=rise_id)
    assert drawn.status is RiseStatus.DRAWN
    rising.sign(session, actor=signer, rise_id=rise_id, digest=drawn.digest or "", now=now)
    _work(session, now)
    done = rises.get_rise(session, actor=signer, rise_id=rise_id)
    assert done.status is RiseStatus.DONE
    report = rises.entries(session, actor=signer, rise_id=rise_id, limit=200, cursor=None).items
    reasons = {one.reason for one in report}
    assert RiseReason.FAILED not in reasons
    if not done.decided:  # whose signer stood back from the case, or is kin, raises nothing in it
        assert reasons <= {RiseReason.STOOD_BACK, RiseReason.KIN}
        raise NotYours


def _work(session: Session, now: datetime) -> None:
    """Let a worker do one task, in the transaction of the example."""

    @contextmanager
    def unit_of_work() -> Iterator[Session]:
        session.expire_all()
        yield session
        session.flush()

    assert worker.run_one(
        worker.Worker(
            handlers={rising.KIND: task.run}, unit_of_work=unit_of_work, cipher=CIPHER,
            config=make_config("postgresql:///unused", Path("/nonexistent/storage")),
            clock=lambda: now, ended=lambda *_: None, beat_seconds=3600, progress_seconds=3600,
        )
    )  # fmt: skip
