"""Schemathesis against the OpenAPI document of a running server, as each role.

No request may be answered with a server error, none without the sign-in that the document asks
for, and every answer must be one that the document names.

Left out, with reasons: `positive_data_acceptance`, because a request of the right form may well be
refused by the domain (an unknown scheme, a taken name); `missing_required_header`, because no
operation has one; `use_after_free` and `ensure_resource_availability`, which follow links
between operations that the document does not declare.
"""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from devtools.wechat.server import running
from devtools.wechat.world import World
from relief.accounts import service as accounts
from relief.accounts.models import Account
from relief.accounts.samples import SAMPLES
from relief.accounts.types import Post
from relief.cli import stand_in
from relief.core.clock import system_clock
from relief.registry.models import Person
from relief.review import service
from tests.factories import actor_of
from tests.integration.test_run import free_ports, status
from tests.soak.harness import PASSWORD, ROOT, Stage
from tests.soak.test_import_kills import Town
from tests.support.scale import scaled

CHECKS = (
    "not_a_server_error",
    "ignored_auth",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
)
# A request may also be refused for its length, before anything of it is understood.
REFUSALS = (400, 401, 403, 404, 405, 406, 409, 413, 414, 415, 422, 428, 429, 431)
SETTINGS = f"[checks.negative_data_rejection]\nexpected-statuses = {list(map(str, REFUSALS))}\n"
# One account a role: which, does not matter for the form of the answers.
ACCOUNTS = {account.role.value: account.username for account in reversed(SAMPLES)}
# Those who together may call every operation.
WIDEST = frozenset({"steward", "approver", "system_admin", "security_admin"})


@dataclass(frozen=True, slots=True)
class Run:
    """How much is asked: random examples an operation, and for whom also every edge case."""

    examples: int
    covered: frozenset[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What Schemathesis found as one role."""

    role: str
    requests: int
    operations: int
    fault: str


def fill(stage: Stage) -> dict[str, list[str]]:
    """Load a small town; return some ids by the names that operations give them."""
    stage.afresh()
    town = Town(stage.folder / f"town-{stage.database}", 30)
    stage.run("import", str(town.by_hand))
    with stage.session() as session:
        victim = accounts.create_account(
            session,
            username="somebody",
            display_name="somebody",
            post=Post.OPERATIONS,
            password=PASSWORD,
            actor_id=None,
            now=system_clock(),
        )
        ids: dict[str, list[str]] = {"account_id": [str(victim.id)]}
        clerk = session.scalars(select(Account).where(Account.username == "clerk")).one()
        for person in session.scalars(select(Person.id).limit(8)):
            service.submit(
                session, actor=actor_of(clerk), person_id=person, scheme_code="S03",
                need="家庭困难", now=system_clock(),
            )  # fmt: skip
    for name, table in {
        "household_id": "household",
        "person_id": "person",
        "batch_id": "import_batch",
        "case_id": "aid_case",
    }.items():
        query = (
            f"SELECT coalesce(array_agg(id::text), '{{}}') FROM (SELECT id FROM {table} LIMIT 8)"
        )
        ids[name] = stage.sql(f"{query} AS found")
    return ids


def fuzz(stage: Stage, role: str, port: int, known: dict[str, Any], run: Run) -> Outcome:
    """Run Schemathesis once as one role."""
    folder = stage.folder / role
    folder.mkdir(exist_ok=True)
    (folder / "schemathesis.toml").write_text(SETTINGS, "utf-8")
    phases = "coverage,fuzzing" if role in run.covered else "fuzzing"
    command = [
        sys.executable, "-m", "schemathesis.cli", "run",
        f"http://127.0.0.1:{port}/openapi.json",
        "--phases", phases,
        "--checks", ",".join(CHECKS),
        "--max-examples", str(run.examples),
        "--seed", str(stage.seed),
        "--generation-database", "none",
        "--request-timeout", "60",
        "--continue-on-failure",
        "--suppress-health-check", "all",
        "--warnings", "off",
        "--no-shrink",
        "--no-color",
        "--report", "json",
        "--report-json-path", str(folder / "report.json"),
    ]  # fmt: skip
    told = {**known, "username": ACCOUNTS[role]}
    environment = {**os.environ, "SOAK_FUZZ": json.dumps(told), "PYTHONPATH": str(ROOT)}
    environment |= {"SCHEMATHESIS_HOOKS": "tests.soak.fuzz_hooks"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    try:
        report = json.loads((folder / "report.json").read_text("utf-8"))
    except OSError:
        return Outcome(role, 0, 0, f"{role}:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    fault = f"{role}:\n{done.stdout[-6000:]}{done.stderr[-2000:]}" if done.returncode else ""
    tested = report["operations"]["tested"]
    return Outcome(role, report["test_cases"]["generated"], tested, fault)


def scenario(stage: Stage, figures: dict[str, Any], *, roles: list[str], run: Run) -> None:
    port = free_ports(1)
    known = {"seed": stage.seed, "ids": fill(stage), "url": stage.url}
    # Alone and last: what it is answered teaches it whom it can disable.
    last = [role for role in roles if role == "security_admin"]
    with running(World(system_clock, seed=stage.seed)) as wechat, ThreadPoolExecutor(2) as pool:
        stage.given = stand_in.settings({}, wechat.server.port)
        web = stage.start("serve", "web", "--port", str(port))
        stage.wait(lambda: status(port) == 200, seconds=60)
        first = [role for role in roles if role not in last]
        outcomes = list(pool.map(lambda role: fuzz(stage, role, port, known, run), first))
        outcomes += [fuzz(stage, role, port, known, run) for role in last]
        stage.stop(web)
    figures |= {
        "roles": len(outcomes),
        "examples an operation": run.examples,
        "operations": max(outcome.operations for outcome in outcomes),
        "requests": sum(outcome.requests for outcome in outcomes),
    }
    faults = [outcome.fault for outcome in outcomes if outcome.fault]
    assert not faults, "\n".join(faults)
    assert {outcome.operations for outcome in outcomes} == {figures["operations"]}


@pytest.mark.rehearsal
@pytest.mark.timeout(300)
def test_no_request_breaks_the_service_or_its_description(stage, figures):
    roles = ["steward", "security_admin"]
    scenario(stage, figures, roles=roles, run=Run(2, frozenset({"steward"})))


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_no_request_of_any_role_breaks_the_service_or_its_description(stage, figures):
    examples = scaled(100)
    covered = frozenset(ACCOUNTS) if examples == 100 else WIDEST
    scenario(stage, figures, roles=sorted(ACCOUNTS), run=Run(examples, covered))
