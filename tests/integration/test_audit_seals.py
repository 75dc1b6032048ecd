"""The audit trail behind its seals: each kind of tampering, done as superuser, is named."""

import base64
import json
import uuid
from datetime import timedelta

import psycopg
import pytest
from click.testing import CliRunner
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from relief.audit import anchoring, checks, sealing
from relief.audit import service as audit
from relief.audit.models import AuditEvent, AuditSeal, AuditSealItem
from relief.audit.seal_keys import SealKeys
from relief.cli import main
from relief.core.config import SealSettings
from relief.core.database_roles import DatabaseRole
from relief.core.db import session_on, snapshot_on
from relief.integrations.anchors import FILE
from tests.support.database import accounts_on
from tests.support.settings import START, key
from tests.support.tampering import tamper, until_settled
from tests.support.waiting import wait_until

KEY = key("seal", 1)
KEYS = SealKeys.of(KEY)
BATCH = 4
DELETE_OF_SEAL = (
    "DELETE FROM audit_event WHERE id IN (SELECT event_id FROM audit_seal_item WHERE seq = %s)"
)
COPY_WITH_OLD_XID = (
    "INSERT INTO audit_event (id, occurred_at, action, subject_type, subject_id, details, xid)"
    " SELECT %s, occurred_at, action, subject_type, subject_id, details, xid"
    " FROM audit_event WHERE id = %s"
)
ITEM = (
    "INSERT INTO audit_seal_item SELECT seq, %s, %s, leaf FROM audit_seal_item"
    " WHERE seq = 1 AND position = 0"
)


@pytest.fixture
def settings(tmp_path):
    return SealSettings(key=KEY, anchor_dir=tmp_path / "anchors")


@pytest.fixture
def url(spare_database_url):
    """A trail of three full seals, anchored."""
    with session_on(spare_database_url) as session:
        already = session.scalar(select(text("count(*)")).select_from(AuditEvent))
    add(spare_database_url, 3 * BATCH - already % BATCH)
    seal(spare_database_url)
    return spare_database_url


def add(url, count, *, now=START, **details):
    with session_on(url) as session:
        for number in range(count):
            audit.record(
                session,
                "thing:done",
                subject_type="thing",
                subject_id=uuid.UUID(int=number + 1),
                actor_id=uuid.UUID(int=7),
                now=now + timedelta(milliseconds=number),
                details={"sum": 1.50, "fields": ["a", None, True]} | details,
                region_code=210302001001,
            )


def seal(url, *, now=START, batch=BATCH, at_once=False):
    if not at_once:
        until_settled(url)
    with session_on(url) as session:
        return sealing.seal(session, keys=KEYS, now=now, batch=batch)


def anchor(url, settings, now=START):
    with session_on(url) as session:
        return anchoring.anchor_newest(session, anchor=checks.anchor_of(settings), now=now)


def check(url, settings, now=START):
    with snapshot_on(url) as session:
        return checks.check(session, settings=settings, now=now)


def items(url):
    with session_on(url) as session:
        return session.execute(
            select(AuditSealItem.seq, AuditSealItem.position, AuditSealItem.event_id).order_by(
                AuditSealItem.seq, AuditSealItem.position
            )
        ).all()


def found(url, settings):
    finding = check(url, settings).finding
    return (finding.fault.value, finding.seq, finding.position, finding.event_id)


def test_a_trail_that_nobody_touched_is_whole(url, settings):
    anchor(url, settings)
    seal(url)

    report = check(url, settings)

    assert report.whole
    assert report.unsealed == 0
    assert report.events == len(items(url))
    assert report.anchors == 1


@pytest.mark.parametrize("column", [column.name for column in AuditEvent.__table__.columns])
def test_an_edit_of_any_column_is_named(url, settings, column):
    seq, position, event_id = items(url)[-2]
    changed = {
        "id": "gen_random_uuid()",
        "occurred_at": "occurred_at + interval '1 microsecond'",
        "details": "jsonb_set(details, '{sum}', '1.51')",
        "xid": "'1'::xid8",
        "region_code": "region_code + 1",
        "actor_id": "NULL",
        "subject_id": "gen_random_uuid()",
        "request_id": "''",
    }.get(column, f"{column} || '!'")

    tamper(url, (f"UPDATE audit_event SET {column} = {changed} WHERE id = %s", event_id))

    kind = "deleted" if column == "id" else "edited"
    assert found(url, settings) == (kind, seq, position, event_id)


def test_a_deleted_event_is_named(url, settings):
    seq, position, event_id = items(url)[BATCH + 2]

    tamper(url, ("DELETE FROM audit_event WHERE id = %s", event_id))

    assert found(url, settings) == ("deleted", seq, position, event_id)


@pytest.mark.parametrize("position", [1, BATCH - 1])
def test_an_event_deleted_with_its_leaf_is_named_by_its_place(url, settings, position):
    _, _, event_id = items(url)[BATCH + position]

    tamper(
        url,
        ("DELETE FROM audit_event WHERE id = %s", event_id),
        ("DELETE FROM audit_seal_item WHERE event_id = %s", event_id),
    )

    assert found(url, settings) == ("deleted", 2, position, None)


@pytest.mark.parametrize("with_leaf", [True, False])
def test_a_reorder_is_named(url, settings, with_leaf):
    (_, first, one), (_, second, other) = items(url)[BATCH + 1 : BATCH + 3]
    swap = "UPDATE audit_seal_item SET event_id = %s WHERE seq = 2 AND position = %s"
    place = "UPDATE audit_seal_item SET position = %s WHERE event_id = %s"

    if with_leaf:
        tamper(url, (place, 99, one), (place, first, other), (place, second, one))
    else:
        spare = uuid.UUID(int=0)
        tamper(url, (swap, spare, first), (swap, one, second), (swap, other, first))

    assert found(url, settings) == ("reordered", 2, first, other)


def test_a_deleted_seal_is_named(url, settings):
    tamper(url, ("DELETE FROM audit_seal WHERE seq = 2",))

    assert found(url, settings) == ("seal-deleted", 2, None, None)


def test_a_seal_deleted_with_all_it_sealed_is_named(url, settings):
    tamper(
        url,
        (DELETE_OF_SEAL, 2),
        ("DELETE FROM audit_seal_item WHERE seq = 2",),
        ("DELETE FROM audit_seal WHERE seq = 2",),
    )

    assert found(url, settings) == ("seal-deleted", 2, None, None)


def test_the_last_seal_deleted_alone_is_named_without_an_anchor(url, settings):
    last = items(url)[-1].seq

    tamper(url, ("DELETE FROM audit_seal WHERE seq = %s", last))

    assert found(url, settings) == ("seal-deleted", last, None, None)


def test_a_cut_tail_is_seen_by_the_anchor_alone(url, settings, tmp_path):
    anchor(url, settings)
    last = items(url)[-1].seq
    tamper(
        url,
        (DELETE_OF_SEAL, last),
        ("DELETE FROM audit_seal_item WHERE seq = %s", last),
        ("DELETE FROM audit_seal WHERE seq = %s", last),
        ("DELETE FROM audit_event WHERE action = 'audit_trail:anchored'",),
    )

    finding = check(url, settings).finding
    blind = check(url, SealSettings(key=KEY, anchor_dir=tmp_path / "elsewhere"))

    assert (finding.fault.value, finding.seq, finding.anchor) == ("tail-cut", last, "anchor 1")
    assert blind.whole


def test_a_row_slipped_in_behind_the_sealer_is_named(url, settings):
    slipped = uuid.UUID("00000000-0000-7000-8000-000000000001")

    tamper(url, (COPY_WITH_OLD_XID, slipped, items(url)[0].event_id))

    assert found(url, settings) == ("inserted", None, None, slipped)


def test_an_old_row_that_nobody_sealed_is_named(url, settings):
    add(url, 1)
    with session_on(url) as session:
        newest = session.scalar(select(AuditEvent.id).order_by(AuditEvent.xid.desc()).limit(1))

    young, old = (check(url, settings, now=START + timedelta(minutes=m)) for m in (9, 11))

    assert (young.whole, young.unsealed) == (True, 1)
    assert (old.finding.fault.value, old.finding.event_id) == ("unsealed", newest)


def test_a_row_added_to_a_seal_is_named(url, settings):
    add(url, 1)
    with session_on(url) as session:
        newest = session.scalar(select(AuditEvent.id).order_by(AuditEvent.xid.desc()).limit(1))

    tamper(
        url,
        (ITEM, BATCH, newest),
    )

    assert found(url, settings) == ("inserted", 1, BATCH, newest)


@pytest.mark.parametrize(
    ("key", "anchored", "kind"),
    [(b"x" * 32, False, "other-key"), (KEY, True, "replaced"), (KEY, False, None)],
    ids=["without-the-key", "with-it-but-anchored", "with-it-and-never-anchored"],
)
def test_seals_made_anew_after_an_edit(url, settings, key, anchored, kind):
    """Without the key it cannot be done; with it, the anchor tells. That is what both are for."""
    if anchored:
        anchor(url, settings)
    tamper(
        url,
        ("UPDATE audit_event SET action = 'nothing:happened' WHERE id = %s", items(url)[0][2]),
        ("TRUNCATE audit_seal, audit_seal_item",),
    )
    with session_on(url) as session:
        sealing.seal(session, keys=SealKeys.of(key), now=START, batch=BATCH)

    finding = check(url, settings).finding

    assert (finding and finding.fault.value) == kind


@pytest.mark.parametrize(
    "change",
    ["root = sha256('x')", "previous = sha256('x')", "count = count + 1", "signature = '\\x00'",
     "sealed_at = sealed_at + interval '1 s'", "horizon = '9'::xid8"],
)  # fmt: skip
def test_an_edited_seal_is_named(url, settings, change):
    tamper(url, (f"UPDATE audit_seal SET {change} WHERE seq = 2",))

    assert found(url, settings) == ("seal-forged", 2, None, None)


def test_a_leaf_made_without_the_key_is_named(url, settings):
    seq, position, event_id = items(url)[BATCH]

    tamper(url, ("UPDATE audit_seal_item SET leaf = sha256('x') WHERE event_id = %s", event_id))

    assert found(url, settings) == ("edited", seq, position, event_id)


def test_an_event_that_commits_late_is_sealed_later_and_nothing_slips_under(url, settings):
    raw = url.replace("+psycopg", "")
    with psycopg.connect(raw) as late:
        late.execute(
            "INSERT INTO audit_event (id, occurred_at, action, subject_type, subject_id, details)"
            " VALUES (gen_random_uuid(), %s, 'late:written', 'thing', gen_random_uuid(), '{}')",
            (START,),
        )
        add(url, 3)  # begun later, committed earlier
        while_open = seal(url, at_once=True)
        late.commit()

    afterwards = seal(url)

    assert (while_open.events, afterwards.events) == (0, 4)
    assert check(url, settings).whole


def test_a_trail_restored_on_a_server_that_counts_anew_goes_on(url, settings):
    far = "pg_snapshot_xmax(pg_current_snapshot())::text::numeric + 1000"
    tamper(
        url,
        ("TRUNCATE audit_seal, audit_seal_item",),
        (f"UPDATE audit_event SET xid = ({far})::text::xid8",),
    )

    first = seal(url, at_once=True)
    add(url, 2)
    wait_until(lambda: seal(url, at_once=True).events == 2)
    again = seal(url, at_once=True)

    assert first.events == len(items(url)) - 2
    assert again.events == 0
    assert check(url, settings).whole


def test_a_run_with_nothing_new_makes_no_seal(url):
    before = len(items(url))

    assert str(seal(url)) == "0 events in 0 seals"
    assert len(items(url)) == before


@pytest.mark.parametrize("table", ["audit_event", "audit_seal", "audit_seal_item"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET xid = xid", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_tables_of_the_trail_only_grow(session, table, verb):
    column = "xid" if table == "audit_event" else "seq"

    with pytest.raises(ProgrammingError, match=f"{table} is append-only"):
        session.execute(text(verb.format(table).replace("xid", column)))


def test_the_audit_readers_account_and_one_key_are_enough_to_verify(url, settings, monkeypatch):
    anchor(url, settings)
    seal(url)  # the anchoring too: by the machine's clock it is long ago
    monkeypatch.setenv("RELIEF_AUDIT_DATABASE_URL", accounts_on(url)[DatabaseRole.AUDIT])
    monkeypatch.setenv("RELIEF_SEAL_KEY", base64.b64encode(settings.key).decode())
    monkeypatch.setenv("RELIEF_ANCHOR_DIR", str(settings.anchor_dir))

    result = CliRunner().invoke(main, ["audit", "verify", "--json"])
    tamper(url, ("DELETE FROM audit_event WHERE id = %s", items(url)[0].event_id))
    bad = CliRunner().invoke(main, ["audit", "verify", "--json"])
    words = CliRunner().invoke(main, ["audit", "verify"])

    assert (result.exit_code, json.loads(result.output)["whole"]) == (0, True)
    assert (bad.exit_code, json.loads(bad.output)["finding"]["fault"]) == (1, "deleted")
    assert words.exit_code == 1
    assert f"事件被删除（封存 1，第 1 条，事件 {items(url)[0].event_id}）" in words.output


def test_anchors_that_were_cut_are_given_away_by_the_trail(url, settings):
    for _ in range(2):
        anchor(url, settings)
        seal(url)
    file = settings.anchor_dir / FILE
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:1]))

    finding = check(url, settings).finding

    assert (finding.fault.value, finding.anchor) == ("anchor-broken", "2")


def test_a_broken_anchor_does_not_hide_what_is_wrong_in_the_trail(url, settings):
    anchor(url, settings)
    seal(url)
    file = settings.anchor_dir / FILE
    file.write_bytes(file.read_bytes().replace(b'"seq": ', b'"seq": 1') + file.read_bytes())
    only_anchor = check(url, settings).finding
    seq, position, event_id = items(url)[1]
    tamper(url, ("DELETE FROM audit_event WHERE id = %s", event_id))

    assert (only_anchor.fault.value, only_anchor.anchor) == ("anchor-broken", f"{FILE}:1")
    assert found(url, settings) == ("deleted", seq, position, event_id)


def test_nothing_sealed_is_nothing_to_anchor(spare_database_url, settings):
    assert anchor(spare_database_url, settings) is None


def test_the_seals_follow_one_another(url):
    with session_on(url) as session:
        seals = session.scalars(select(AuditSeal).order_by(AuditSeal.seq)).all()

    assert [seal.seq for seal in seals] == list(range(1, len(seals) + 1))
    assert [seal.previous for seal in seals[1:]] == [seal.signature for seal in seals[:-1]]
