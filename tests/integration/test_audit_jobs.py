"""The jobs that seal, anchor and check the trail, their health, and the commands."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from relief.audit import checks
from relief.audit import sealing as trail
from relief.audit import service as audit
from relief.audit.models import AuditEvent, AuditSeal, AuditSealItem
from relief.cli import main
from relief.core.db import session_on, unit_of_work
from relief.integrations.anchors import FILE
from relief.jobs import health, sealing
from relief.jobs.process import Pulse
from relief.notifications.models import OutboxMessage
from tests.support.settings import START, key_settings
from tests.support.tampering import tamper, until_settled
from tests.support.waiting import at_once


@pytest.fixture
def spare(spare_app):
    with spare_app.app_context():
        yield spare_app


def do(job, now=START):
    if job is sealing.seal_audit_trail:
        with unit_of_work() as session:
            url = session.connection().engine.url.render_as_string(hide_password=False)
        until_settled(url)
    with unit_of_work() as session:
        return job(session, now=now)


def count(model):
    with unit_of_work() as session:
        return session.scalar(select(func.count()).select_from(model))


def test_the_jobs_seal_anchor_and_find_the_trail_whole(spare):
    events = count(AuditEvent)

    assert do(sealing.anchor_audit_trail) == "nothing sealed yet"
    assert do(sealing.seal_audit_trail) == f"{events} events in 1 seals"
    assert do(sealing.anchor_audit_trail) == "seal 1 in anchor 1"
    assert do(sealing.seal_audit_trail) == "1 events in 1 seals"
    assert do(sealing.check_audit_trail) == f"whole: {events + 1} events"
    assert count(OutboxMessage) == 0


def test_auditors_hear_once_a_day_that_the_trail_is_not_whole(spare, spare_database_url):
    do(sealing.seal_audit_trail)
    tamper(spare_database_url, ("DELETE FROM audit_event WHERE action = 'account:created'",))

    first = do(sealing.check_audit_trail)
    do(sealing.check_audit_trail, START + timedelta(hours=1))

    assert first == "NOT WHOLE: deleted"
    with unit_of_work() as session:
        told = session.scalars(select(OutboxMessage)).all()
        remembered = session.scalars(
            select(AuditEvent).where(AuditEvent.action == checks.CHECKED)
        ).all()
    assert len(told) == 2  # the auditor and the audit administrator
    assert [event.details["whole"] for event in remembered] == [False, False]


def test_the_health_page_of_the_jobs_tells_how_far_the_seals_lag(spare):
    do(sealing.seal_audit_trail)

    with unit_of_work() as session:
        sealed = health.scheduler_facts(session, Pulse())["audit_seals"]
        audit.record(
            session, "thing:done", subject_type="thing", subject_id=audit.NOBODY,
            actor_id=None, now=START,
        )  # fmt: skip
        session.flush()
        waits = health.scheduler_facts(session, Pulse())["audit_seals"]

    assert sealed == {"waiting": 0, "lag_seconds": 0.0}
    assert waits["waiting"] == 1
    assert waits["lag_seconds"] >= 0


@pytest.fixture
def beside(monkeypatch, spare_database_url, tmp_path):
    """The settings of the audit commands."""
    for account in ("AUDIT", "WORKER"):
        monkeypatch.setenv(f"RELIEF_{account}_DATABASE_URL", spare_database_url)
    monkeypatch.setenv("RELIEF_SEAL_KEY", key_settings()["RELIEF_SEAL_KEY"])
    monkeypatch.setenv("RELIEF_ANCHOR_DIR", str(tmp_path / "anchors"))
    return spare_database_url


def relief(*arguments):
    return CliRunner().invoke(main, ["audit", *arguments])


def test_the_commands_anchor_and_verify(spare, beside):
    early = relief("anchor")
    do(sealing.seal_audit_trail)

    anchored, verified = relief("anchor"), relief("verify")

    assert (early.exit_code, "还没有任何封存" in early.output) == (1, True)
    assert anchored.output == "已写入外部存证：第 1 号，封存 1。\n"
    assert verified.exit_code == 0, verified.output
    assert verified.output.startswith("审计日志完好：1 个封存、")
    assert "尚未封存的事件：1 条" in verified.output


def test_a_torn_anchor_is_said_and_is_no_fault(spare, beside, tmp_path):
    do(sealing.seal_audit_trail)
    relief("anchor")
    with (tmp_path / "anchors" / FILE).open("ab") as file:
        file.write(b'{"number": 2, "at')

    verified = relief("verify")

    assert verified.exit_code == 0
    assert "1 处未写完的行" in verified.output


@pytest.mark.parametrize("missing", ["RELIEF_AUDIT_DATABASE_URL", "RELIEF_SEAL_KEY"])
def test_a_missing_setting_is_named(beside, monkeypatch, tmp_path, missing):
    monkeypatch.setenv("RELIEF_VAR_DIR", str(tmp_path))
    monkeypatch.delenv(missing)

    result = relief("verify")

    assert result.exit_code == 2
    assert f"{missing} is missing" in result.output


def test_a_database_that_does_not_answer_is_said(beside, monkeypatch):
    monkeypatch.setenv("RELIEF_AUDIT_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")

    assert "数据库无法连接" in relief("verify").output


def test_two_sealers_at_once_seal_each_event_once(spare, spare_database_url):
    keys = checks.keys_of(spare.extensions["relief.config"].seal)
    events = count(AuditEvent)
    until_settled(spare_database_url)

    def run(_number):
        with session_on(spare_database_url) as session:
            return trail.seal(session, keys=keys, now=START, batch=3).events

    sealed = at_once(run, threads=4)

    assert sorted(sealed) == [0, 0, 0, events]
    assert count(AuditSealItem) == events
    assert count(AuditSeal) == -(-events // 3)
