"""Two hundred at one moment apply, give one opinion or decide: it is done once, and each is told.

Over HTTP with row security, each in a thread of its own, on the connections of one server process.
With one key all get the one answer; with keys of their own, one is answered and the others hear
that they come late. Nobody gets an error, and nothing is left by half.
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from relief.core.config import normalise_url
from relief.core.db import db
from tests.support.review import Office
from tests.support.settings import FakeClock
from tests.support.waiting import at_once

MANY = 200
SCHEME = "S09"
# What must be there once, and of what as many in the trail as in the timeline.
COUNTS = {
    "cases": "SELECT count(*) FROM aid_case",
    "submissions": "SELECT count(*) FROM audit_event WHERE action = 'case:submitted'",
    "opinions": "SELECT count(*) FROM case_stage WHERE code = 'JOINT' AND status = 'ended'",
    "opinions in the trail": "SELECT count(*) FROM audit_event WHERE action = 'case:stage_ended'"
    " AND details->>'stage' = 'JOINT'",
    "decisions": "SELECT count(*) FROM case_decision",
    "decisions in the trail": "SELECT count(*) FROM audit_event WHERE action = 'case:decided'",
    "entitlements": "SELECT count(*) FROM entitlement",
    "entitlements in the trail": "SELECT count(*) FROM audit_event"
    " WHERE action = 'entitlement:opened'",
}
KEPT = "SELECT count(*) FROM idempotency_record"
UNEVEN = """
SELECT count(*) FROM aid_case c WHERE c.steps <> (
    SELECT count(*) FROM case_step s WHERE s.case_id = c.id)
OR c.steps <> (SELECT max(s.number) FROM case_step s WHERE s.case_id = c.id)
OR c.steps <> (
    SELECT count(*) FROM audit_event a WHERE a.subject_id = c.id AND a.subject_type = 'case'
        AND a.action <> 'case:viewed')
"""


@dataclass
class Crowd:
    """Many programs of one account, and what the database says."""

    office: Office
    session: Session

    def all_ask(
        self, who: tuple[str, str], path: str, body: dict[str, Any], *, one_key: bool
    ) -> list[tuple[int, str]]:
        """Let all send the same at once; return what each was answered."""
        # A session each, as of one office with many windows open.
        token = self.office.client(*who).environ_base["HTTP_AUTHORIZATION"]

        def ask(place: int) -> tuple[int, str]:
            key = "the one" if one_key else f"key {place}"
            headers = {"Authorization": token, "Idempotency-Key": key}
            answer = self.office.app.test_client().post(path, json=body, headers=headers)
            return answer.status_code, answer.get_data(as_text=True)

        return at_once(ask, threads=MANY)

    def count(self, query: str) -> int:
        """What is there."""
        found = self.session.scalar(text(query))
        self.session.commit()
        return found

    def counts(self) -> dict[str, int]:
        """How many of everything there are."""
        return {what: self.count(query) for what, query in COUNTS.items()}

    def joint(self) -> str:
        """A case in which the departments give their opinions."""
        case = self.office.apply(SCHEME)
        [stage] = case["stages"]
        assert self.office.end(case["case"]["id"], stage).status_code == 200
        return case["case"]["id"]


@pytest.fixture
def crowd(spare_app, spare_database_url) -> Iterator[Crowd]:
    """Staff and programs on a database of their own, to which all commit."""
    clock = FakeClock()
    spare_app.extensions["relief.clock"] = clock
    # What is tried is who comes late, not how long one waits for a connection on a busy machine.
    with spare_app.app_context():
        db.engine.dispose()
        db.engines[None] = create_engine(db.engine.url, pool_size=12, pool_timeout=600)
        with ExitStack() as opened:
            for _ in range(12):
                opened.enter_context(db.engine.connect())
    engine = create_engine(normalise_url(spare_database_url))
    with Session(engine, expire_on_commit=False) as session:
        yield Crowd(Office(spare_app, session, clock), session)
    engine.dispose()


def check(
    answers: list[tuple[int, str]], *, done: int, one_key: bool, late: str, many: int = MANY
) -> None:
    """One was answered and the others are told so: by the same answer, or that they are late."""
    if one_key:
        [(answer, heard)] = Counter(answers).items()
        assert (answer[0], heard) == (done, many)
        return
    assert Counter(status for status, _ in answers) == {done: 1, 409: many - 1}
    problems = [json.loads(body) for status, body in answers if status == 409]
    assert {problem["code"] for problem in problems} == {late}
    assert all(problem["title"] for problem in problems)


@pytest.mark.parametrize("one_key", [True, False])
def test_two_hundred_apply_and_one_case_is_there(crowd, one_key):
    home = crowd.office.household()
    body = {"person_id": str(home.person_id), "scheme": SCHEME, "need": "家庭困难"}

    answers = crowd.all_ask(("D01", "clerk"), "/v1/cases", body, one_key=one_key)

    check(answers, done=201, one_key=one_key, late="case-open")
    assert crowd.counts() == dict.fromkeys(COUNTS, 0) | {"cases": 1, "submissions": 1}
    assert (crowd.count(KEPT), crowd.count(UNEVEN)) == (1, 0)


@pytest.mark.parametrize("one_key", [True, False])
def test_two_hundred_give_an_opinion_and_one_is_given(crowd, one_key):
    case = crowd.joint()
    path = f"/v1/cases/{case}/stages/JOINT/end"

    answers = crowd.all_ask(("D13", "reviewer"), path, {"outcome": "passed"}, one_key=one_key)

    check(answers, done=200, one_key=one_key, late="stage-not-open")
    counts = crowd.counts()
    assert (counts["opinions"], counts["opinions in the trail"]) == (1, 1)
    assert (crowd.count(KEPT), crowd.count(UNEVEN)) == (1, 0)


@pytest.mark.parametrize("one_key", [True, False])
def test_two_hundred_decide_and_one_decision_is_made(crowd, one_key):
    case = crowd.joint()
    crowd.office.go_on(case)
    body = {"granted": True, "amount_fen": 9000, "reason": "符合条件", "departs": "没有规则"}

    answers = crowd.all_ask(
        ("D01", "approver"), f"/v1/cases/{case}/decision", body, one_key=one_key
    )

    check(answers, done=200, one_key=one_key, late="stage-not-open")
    two = {"opinions": 2, "opinions in the trail": 2}  # of the two departments of the scheme
    assert crowd.counts() == dict.fromkeys(COUNTS, 1) | two
    assert (crowd.count(KEPT), crowd.count(UNEVEN)) == (1, 0)
