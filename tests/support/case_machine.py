"""A case as a state machine: whatever people do in whatever order, what must hold holds.

Each rule does one thing as one account, allowed or not. What is refused must change nothing; what
is done must be found again in the case, its timeline and the audit trail. The clocks are counted
beside the program, day by day, from what the machine itself remembers.
"""

import uuid
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.audit.models import AuditEvent
from relief.core.clock import local_date
from relief.core.errors import DomainError
from relief.jobs.deadlines import watch_deadlines
from relief.jobs.rechecks import watch_rechecks
from relief.review import decisions, expiring, service
from relief.review.checks.acts import Signed
from relief.review.extending import acts as extending
from relief.review.facts import acts as facts
from relief.review.kin import acts as kin
from relief.review.models import Case, CasePause, CaseStage, CaseStep
from relief.review.types import LIVE, CaseStatus, Outcome, StageStatus
from relief.schemes.types import StageKind
from tests.support import case_afterwards as afterwards
from tests.support import case_objections as objecting
from tests.support import case_surveys as surveying
from tests.support.applicants import CERTIFIED
from tests.support.by_hand import WAITS
from tests.support.case_aid import Aid, holds
from tests.support.case_clocks import clocks_are_right
from tests.support.case_memory import (
    Memory,
    content_of,
    decisions_are_whole,
    four_eyes,
    opinions_are_whole,
    standing,
)
from tests.support.case_people import Stage, set_up
from tests.support.referring import way_in
from tests.support.settings import START

# Long and short, with a notice and without, several departments and one, and fast aid.
# What is assessed anew after a change, and what rises with its standard by a list.
SCHEMES = ("S01", "S02", "S03", "S05", "S09", "S12", "S19", "S22")
# Mostly of an office that something waits for; else of any.
ANYBODY = st.integers(0, 15)
DAYS = (0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 8, 8, 31)
ACTS = [
    *5 * ["go_on"], *4 * ["time"], *3 * ["decide"], *2 * ["end_any"], *2 * ["come"],
    "ask", "return", "resubmit", "withdraw", "stand_back", "extend", "answer", "find_out",
    *2 * ["survey"], *2 * ["object"], *2 * ["inquire"], *2 * ["judge"],
    *4 * ["less"], *2 * ["less_anyhow"], *2 * ["recheck"], *2 * ["report"], *3 * ["more"],
    "apply_again", "years_pass",
]  # fmt: skip
_DAY = timedelta(days=1)


class CaseMachine(RuleBasedStateMachine):
    """Rules and invariants of one case."""

    stage: Stage  # set by `machine_on`
    came_to: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.session = self.stage.session
        self.whole = self.session.begin_nested()
        self.now = START
        self.memory, self.aid = Memory(entered_on=self.today), Aid()
        self.done = self.refused = 0
        self.case_id: uuid.UUID | None = None

    def teardown(self) -> None:
        """Take the example back, and count how far it came."""
        if self.case_id is not None:
            self.came_to[self._case().status.value] += 1
            self.came_to["acts"] += self.done
            self.came_to.update(self.aid.told())
            self.came_to["refusals"] += self.refused
        self.session.expunge_all()
        self.whole.rollback()

    @initialize(scheme=st.sampled_from(SCHEMES), granted=st.booleans())
    def submit(self, scheme: str, *, granted: bool) -> None:
        """Enter an application by a clerk of civil affairs; half of them come to their grant."""
        self.scheme, self.entered_by = scheme, self.stage.actors[0]
        self.case_id = service.submit(
            self.session, actor=self.entered_by, person_id=self.stage.person_id,
            scheme_code=scheme, need="家庭困难", now=self.now, referred=way_in(scheme, self.now),
            authorisations=[Signed(person_id=self.stage.person_id, signed_on=self.today)],
        )  # fmt: skip
        if granted:
            afterwards.until_granted(self)

    # One rule for all: hypothesis leaves whole rules out of an example; cases would get nowhere.
    @rule(
        what=st.sampled_from(ACTS),
        who=ANYBODY,
        number=st.integers(0, 12),
        words=st.sampled_from((None, "情况属实", "与登记不符")),
    )
    def something_happens(self, what: str, who: int, number: int, words: str | None) -> None:
        """Let somebody do something, or some time pass."""
        getattr(self, f"_{what}")(who, number, words)

    def _time(self, _who: int, number: int, _words: str | None) -> None:
        """Let some time pass, and the platform do what it does by itself."""
        self.let_pass(timedelta(days=DAYS[number], hours=number))

    def let_pass(self, time: timedelta) -> None:
        """Let time pass: what only people change stays as it is."""
        self.now += time
        before = standing(self.session, self._case(), self._rows())
        watch_deadlines(self.session, now=self.now)
        watch_rechecks(self.session, now=self.now)
        expiring.run_on(self.session, now=self.now)
        self._forget()
        after = standing(self.session, self._case(), self._rows())
        assert after == before, "silence changed what only people change"
        for wait in self.memory.waits:
            last = self.memory.stands_until
            if wait[1] is None and last < self.today:
                wait[1] = last

    def _go_on(self, who: int, number: int, words: str | None) -> None:
        """End what may end, as whom it waits for, a few times: so that cases get somewhere."""
        for _ in range(1 + number % 6):
            if not any(self._ends(row, who, words) for row in self._open()):
                return

    def _end_any(self, who: int, number: int, words: str | None) -> None:
        """End any stage of the case as anybody."""
        codes = [row.code for row in self._rows()]
        outcome = Outcome.OBJECTED if number % 3 == 0 else Outcome.PASSED
        self._end(self._actor(who), codes[number % len(codes)], outcome, words)

    def _return(self, who: int, _number: int, _words: str | None) -> None:
        self._do(service.return_once, self._actor(who), CaseStatus.RETURNED, missing="收入证明")

    def _resubmit(self, who: int, _number: int, _words: str | None) -> None:
        if self._do(service.resubmit, self._actor(who), CaseStatus.SUBMITTED):
            self.memory.entered_on = self.today

    def _ask(self, who: int, _number: int, _words: str | None) -> None:
        """Ask for papers: the clocks stand."""
        if self._do(service.pause, self._actor(who), reason="papers", missing="收入证明"):
            assert not any(until is None for _, until in self.memory.waits)
            self.memory.ask(self.today, self._open())

    def _come(self, who: int, _number: int, _words: str | None) -> None:
        """The papers come: the clocks run on."""
        if self._do(service.resume, self._actor(who)):
            [wait] = [one for one in self.memory.waits if one[1] is None]
            wait[1] = self.today

    def _decide(self, who: int, number: int, _words: str | None) -> None:
        """Decide, mostly as whom the confirmation waits for."""
        granted = number % 2 == 0
        amount = afterwards.amount_of(self.scheme) if granted else None
        given = {"granted": granted, "amount_fen": amount, "departs": "规则没有涵盖的情形"}
        given["reason"] = f"符合条件，第 {number} 次"
        waiting = [row for row in self._open() if row.kind is StageKind.CONFIRMATION]
        actor = self._holder(waiting[0], who) if waiting and who < 12 else self._actor(who)
        if self._do(decisions.decide, actor, CaseStatus.DECIDED, **given):
            outcome = Outcome.GRANTED if granted else Outcome.REFUSED
            self.memory.decide(actor, outcome, amount, given["reason"])
            if granted:
                afterwards.granted(self)

    def _withdraw(self, who: int, number: int, _words: str | None) -> None:
        """End the case at the applicant's wish; seldom, or no case would get far."""
        if number == 0 and self._do(
            service.withdraw, self._actor(who), CaseStatus.WITHDRAWN, reason="不再需要"
        ):
            for wait in self.memory.waits:
                wait[1] = wait[1] or self.today

    def _extend(self, who: int, number: int, words: str | None) -> None:
        """Ask for the longer limit, mostly as whom the stage waits for."""
        for row in self._open()[number % 3 : number % 3 + 1]:
            actor = self._holder(row, who) if who < 12 else self._actor(who)
            if self._do(extending.ask, actor, stage=row.code, reason=words or "须异地核查"):
                assert self.memory.asked is None
                self.memory.asked = row.code

    def _answer(self, who: int, number: int, words: str | None) -> None:
        """Answer it as anybody."""
        given = {"agreed": number > 3, "reason": words or "同意"}
        if self._do(extending.answer, self._actor(who), **given) and given["agreed"]:
            asked = str(self.memory.asked)
            self.memory.extended = (asked, WAITS.get(asked, asked))

    def _find_out(self, who: int, number: int, _words: str | None) -> None:
        """Enter a fact, which the rules of some of the schemes ask for."""
        actor = self._actor(who)
        found = [facts.Found(kind="household_members", value=number, proof="户口簿")]
        if self.scheme == afterwards.BY_LIST:
            found = [facts.Found(**one) for one in CERTIFIED]
        if self._do(facts.find_out, actor, found=found):
            self.memory.finders.add(actor.id)

    def _stand_back(self, who: int, number: int, _words: str | None) -> None:
        if number < 3:
            self._do(kin.stand_back, self._actor(who), reason="与申请人是邻居")

    _object, _inquire, _judge = objecting.raise_one, objecting.inquire, objecting.judge
    _less, _less_anyhow, _recheck = afterwards.less, afterwards.less_anyhow, afterwards.recheck
    _report, _more, _survey = afterwards.report, afterwards.more, surveying.survey_anyhow
    _apply_again, _years_pass = afterwards.apply_again, afterwards.years_pass
    go_on, decide, find_out = _go_on, _decide, _find_out

    @invariant()
    def no_state_is_forbidden(self) -> None:
        """Compare what belongs together."""
        case, rows = self._case(), self._rows()
        open_rows = [row for row in rows if row.status is StageStatus.OPEN]
        decisions_are_whole(self.session, self.memory, rows)
        assert len(self.memory.decisions) == (case.status is CaseStatus.DECIDED)
        assert case.status is not CaseStatus.RETURNED or not open_rows
        assert case.status is not CaseStatus.WITHDRAWN or not open_rows
        objecting.nothing_passes_over(self, rows)
        surveying.no_opinion_without(self, rows)
        if case.status is CaseStatus.DECIDED:
            assert not [row for row in open_rows if row.kind is StageKind.JOINT]
            [confirmed] = [
                row
                for row in rows
                if row.kind is StageKind.CONFIRMATION and row.status is StageStatus.ENDED
            ]
            four_eyes(self.session, case, rows, confirmed, finders=self.memory.finders)
        waits = self.session.scalar(
            select(func.count()).where(
                CasePause.case_id == self.case_id, CasePause.until_on.is_(None)
            )
        )
        assert waits == sum(until is None for _, until in self.memory.waits)
        assert waits == 0 or case.status in (*LIVE, CaseStatus.DECIDED)

    @invariant()
    def what_was_granted_is_whole(self) -> None:
        """Hold what people are entitled to, and what is to be looked at, against the memory."""
        case = self._case()
        holds(self.session, self.aid, case_id=case.id, person_id=case.person_id)

    @invariant()
    def no_opinion_is_lost(self) -> None:
        """Find every opinion that was taken, with what it came to and who gave it."""
        opinions_are_whole(self.memory, self._rows())

    @invariant()
    def the_trail_tells_the_same_as_the_timeline(self) -> None:
        """Compare the two, in number and order."""
        steps = self.session.execute(
            select(CaseStep.number, CaseStep.step, CaseStep.actor_id)
            .where(CaseStep.case_id == self.case_id)
            .order_by(CaseStep.number)
        ).all()
        events = self.session.execute(
            select(AuditEvent.action, AuditEvent.actor_id).where(
                AuditEvent.subject_id == self.case_id
            )
        ).all()
        assert [row.number for row in steps] == list(range(1, len(steps) + 1))
        assert sorted((f"case:{row.step}", str(row.actor_id)) for row in steps) == sorted(
            (row.action, str(row.actor_id)) for row in events
        )

    @invariant()
    def every_clock_is_right(self) -> None:
        """Count the last day of each open stage and of the whole by hand."""
        clocks_are_right(self, self._case(), self._rows())

    @property
    def today(self) -> date:
        """The day in China."""
        return local_date(self.now)

    def _actor(self, who: int) -> Actor:
        """Somebody of an office that something waits for, or of any."""
        waiting = self._open()
        if waiting and who < 12:
            return self._holder(waiting[who // 3 % len(waiting)], who)
        return self.stage.actors[who * 5 % len(self.stage.actors)]

    def _open(self) -> list[CaseStage]:
        return [row for row in self._rows() if row.status is StageStatus.OPEN]

    def _ends(self, row: CaseStage, who: int, words: str | None) -> bool:
        """Tell whether its office ended a stage."""
        if row.kind is StageKind.CONFIRMATION:
            return False
        surveying.lawfully(self, row)
        return self._end(self._holder(row, who), row.code, Outcome.PASSED, words)

    def _holder(self, row: CaseStage, who: int) -> Actor:
        """Somebody of the office that a stage waits for."""
        holders = [
            actor
            for actor in self.stage.actors
            if actor.department_code == row.department_code and row.role in actor.roles_in_cases
        ]
        return holders[who % len(holders)]

    def _end(self, actor: Actor, code: str, outcome: Outcome, words: str | None) -> bool:
        done = self._do(service.end_stage, actor, code=code, outcome=outcome, opinion=words)
        if done:
            self.memory.give(code, actor, actor.department_code, outcome, words)
            if code == "ACCEPT":
                self.memory.accepted_on = self.today
        return done

    def _do(
        self, act: Callable[..., Any], actor: Actor, status: CaseStatus | None = None, **given: Any
    ) -> bool:
        """Do something, or be refused and change nothing."""
        before = self._content()
        try:
            with self.session.begin_nested():
                act(self.session, actor=actor, case_id=self.case_id, now=self.now, **given)
        except DomainError:
            self._forget()
            self.refused += 1
            assert self._content() == before, f"{act.__name__} was refused and changed something"
            return False
        self._forget()
        self.done += 1
        assert status is None or self._case().status is status
        return True

    def _forget(self) -> None:
        self.session.flush()
        self.session.expire_all()

    def _case(self) -> Case:
        return self.session.get_one(Case, self.case_id)

    def _rows(self) -> list[CaseStage]:
        return list(
            self.session.scalars(
                select(CaseStage)
                .where(CaseStage.case_id == self.case_id)
                .order_by(CaseStage.position, CaseStage.turn, CaseStage.department_code)
            )
        )

    def _content(self) -> tuple[Any, ...]:
        return content_of(self.session, self._case(), self._rows())

    act, actor, case = _do, _actor, _case


def machine_on(stage: Stage, came_to: Counter[str]) -> type[CaseMachine]:
    """Return the machine that begins from a stage, and counts where its examples end."""
    return type("CaseMachineHere", (CaseMachine,), {"stage": stage, "came_to": came_to})


def run(session: Session, *, examples: int, steps: int, beginning: int) -> Counter[str]:
    """Run so many examples of so many steps from a seed; return how far they came."""
    came_to: Counter[str] = Counter()
    run_state_machine_as_test(
        seed(beginning)(machine_on(set_up(session), came_to)),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return came_to
