"""Two hundred at one moment apply, give one opinion or decide, over HTTP to a server as in service.

In `tests/integration/test_case_crowds.py` they meet within one process; here they come over the
network to the processes and threads that `relief serve web` starts. With one key all are told the
one answer; with keys of their own, one is answered and the others hear that they come late.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import requests  # noqa: TID251  # asks our own server, as a client of it

from devtools.bench.templates import Staff, Walker, make_staff
from relief.core.clock import system_clock
from relief.registry.merging.service import merge
from tests.integration.test_case_crowds import UNEVEN, check
from tests.integration.test_run import free_ports, status
from tests.soak.harness import PASSWORD, Stage
from tests.support.scale import scaled
from tests.support.source import number, send
from tests.support.waiting import at_once

SCHEME = "S09"  # two departments, no notice
DECISION = {"granted": True, "amount_fen": 9000, "reason": "符合条件", "departs": "没有规则"}
# What a case has once it came so far: of everything one, in the case and in the trail.
SUBMITTED = {
    "cases": "SELECT count(*) FROM aid_case WHERE person_id = %s",
    "in the trail": "SELECT count(*) FROM audit_event a JOIN aid_case c ON c.id = a.subject_id"
    " WHERE a.action = 'case:submitted' AND c.person_id = %s",
}
OPINED = {
    "opinions": "SELECT count(*) FROM case_stage WHERE case_id = %s AND code = 'JOINT'"
    " AND department_code = 'D01' AND status = 'ended'",
    "in the trail": "SELECT count(*) FROM audit_event WHERE subject_id = %s"
    " AND action = 'case:stage_ended' AND details->>'stage' = 'JOINT'"
    " AND details->>'department' = 'D01'",
}
DECIDED = {
    "decisions": "SELECT count(*) FROM case_decision WHERE case_id = %s",
    "entitlements": "SELECT count(*) FROM entitlement e JOIN case_decision d"
    " ON d.id = e.decision_id WHERE d.case_id = %s",
    "in the trail": "SELECT count(*) FROM audit_event WHERE subject_id = %s"
    " AND action = 'case:decided'",
    "outbox rows": "SELECT count(*) FROM outbox_message o JOIN case_decision d"
    " ON o.dedupe_key = 'decided:' || d.id WHERE d.case_id = %s",
}


@dataclass
class Crowd:
    """Many clients of one server, who send at one moment."""

    stage: Stage
    address: str
    many: int
    figures: dict[str, Any]

    def send(
        self, what: str, username: str, path: str, body: Mapping[str, Any], *, one_key: bool
    ) -> list[tuple[int, str]]:
        """Let all send the same; return what each was answered."""
        token = self.stage.token(username)

        def ask(place: int) -> tuple[int, str]:
            key = f"{what} by one key" if one_key else f"{what} {place}"
            answer = requests.post(
                self.address + path,
                json=body,
                headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
                timeout=600,
            )
            return answer.status_code, answer.text

        answers = at_once(ask, threads=self.many)
        told = {str(code): many for code, many in Counter(code for code, _ in answers).items()}
        self.figures[f"{what}, {'one key' if one_key else 'own keys'}"] = told
        return answers  # type: ignore[return-value]

    def has_one(self, queries: Mapping[str, str], subject: str) -> None:
        """Of everything there is one."""
        assert {what: self.stage.sql(query, subject) for what, query in queries.items()} == (
            dict.fromkeys(queries, 1)
        )


def people(stage: Stage, count: int) -> list[str]:
    """So many who may apply, in the district of the sample's clerk."""
    with stage.session() as session:
        rows = [{"number": number(sequence=place)} for place in range(1, count + 1)]
        send(session, stage.cipher, "S01", *rows, now=system_clock())
        merge(session, cipher=stage.cipher, actor_id=None, now=system_clock())
    found = stage.sql("SELECT array_agg(id::text ORDER BY id) FROM person")
    assert len(found) == count
    return list(found)


def brought(
    stage: Stage, staff: Staff, person: str, far: Callable[[Walker, uuid.UUID], None]
) -> str:
    """A case of somebody that was brought so far by the services."""
    with stage.session() as session:
        walker = Walker(session, staff, system_clock() - timedelta(hours=1))
        case = walker.submit(uuid.UUID(person), SCHEME)
        far(walker, case)
    return str(case)


def scenario(stage: Stage, figures: dict[str, Any], *, many: int) -> None:
    """Each of the three, with one key and with keys of their own."""
    stage.afresh()
    homes = people(stage, 6)
    with stage.session() as session:
        staff = make_staff(session, password=PASSWORD, now=system_clock())
    port = free_ports(1)
    web = stage.start("serve", "web", "--port", str(port))
    stage.wait(lambda: status(port) == 200, seconds=60)
    crowd = Crowd(stage, f"http://127.0.0.1:{port}", many, figures)
    for one_key in (True, False):
        person = homes.pop()
        body = {"person_id": person, "scheme": SCHEME, "need": "家庭困难"}
        told = crowd.send("submissions", "clerk", "/v1/cases", body, one_key=one_key)
        check(told, done=201, one_key=one_key, late="case-open", many=many)
        crowd.has_one(SUBMITTED, person)

        case = brought(stage, staff, homes.pop(), Walker.accept)
        path = f"/v1/cases/{case}/stages/JOINT/end"
        told = crowd.send("opinions", "reviewer", path, {"outcome": "passed"}, one_key=one_key)
        check(told, done=200, one_key=one_key, late="stage-not-open", many=many)
        crowd.has_one(OPINED, case)

        case = brought(stage, staff, homes.pop(), Walker.go_on)
        path = f"/v1/cases/{case}/decision"
        told = crowd.send("decisions", "approver", path, DECISION, one_key=one_key)
        check(told, done=200, one_key=one_key, late="stage-not-open", many=many)
        crowd.has_one(DECIDED, case)
    assert stage.sql(UNEVEN) == 0
    stage.stop(web)


@pytest.mark.rehearsal
def test_of_a_few_that_come_at_once_one_has_an_effect(stage, figures):
    scenario(stage, figures, many=20)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_of_two_hundred_that_come_at_once_one_has_an_effect(stage, figures):
    scenario(stage, figures, many=scaled(200))
