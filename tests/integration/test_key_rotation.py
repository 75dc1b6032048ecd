"""Keys that change while people work: nothing is lost, doubled or unreadable meanwhile."""

import io
import json
import threading
import uuid
from contextlib import contextmanager

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, text, update

from relief.attachments import content, queries
from relief.attachments import service as attachments
from relief.attachments.models import StoredFile
from relief.audit.models import AuditEvent
from relief.cli import keys as command
from relief.core.privacy import index_keys, store
from relief.core.privacy.cipher import CannotOpen, KeyMissing
from relief.core.privacy.holders import Keys
from relief.core.privacy.models import IndexKey, SecretKind, SecretValue
from relief.jobs.process import unit_of_work_of
from relief.models import Base
from relief.registry.intake import service as intake
from relief.registry.models import ImportBatch
from relief.tasks import key_rotation
from relief.tasks.key_rotation import RotationRuns
from relief.web.idempotency import bound
from relief.web.models import IdempotencyRecord
from relief.wiring import HOLDERS
from tests.support.doomed_rotation import rotation_of
from tests.support.files import s01, write_csv
from tests.support.settings import START, cipher_with, make_config
from tests.support.waiting import at_once, wait_until

OLD, BOTH, NEW = cipher_with(), cipher_with((1, 2), (1, 2)), cipher_with((2,), (2,))
# Bytes that are digests and not sealed: nothing is to be turned in them.
DIGESTS = {
    *(("case_enclosure", "received_sha256"), ("mini_account", "openid_index")),
    *(("household_code", "scene_hash"), ("helper_code", "code_hash"), ("procedure", "digest")),
    *(("staff_session", "token_hash"), ("import_batch", "sha256"), ("stored_file", "sha256")),
    *(("secret_value", "blind_index"), ("recovery_code", "digest"), ("audit_seal_item", "leaf")),
    *(("decision_list", "digest"), ("standard_rise", "digest"), ("mini_session", "token_hash")),
    *(("procedure_draft", "digest"), ("register_batch", "sha256"), ("news_read_mark", "digest")),
    *(("audit_seal", "previous"), ("audit_seal", "root"), ("audit_seal", "signature")),
}
PHONE = SecretKind.PHONE


@pytest.fixture
def storage(tmp_path):
    return tmp_path / "storage"


@pytest.fixture
def apps(spare_database_url, build_app, storage):
    """`apps(cipher)`: an application with these keys, on the one spare database."""

    def make(cipher):
        app = build_app(spare_database_url)
        config = make_config(spare_database_url, storage, cipher)
        app.extensions |= {"relief.cipher": cipher, "relief.config": config}
        return app

    return make


@pytest.fixture
def opened(apps):
    opened = unit_of_work_of(apps(OLD))
    with opened() as session:  # so that the counts are of what a test puts in
        session.execute(text("TRUNCATE secret_value CASCADE"))
    return opened


def put(opened, cipher, *values):
    with opened() as session:
        return store.put_many(session, cipher, PHONE, values, now=START)


def find(opened, cipher, value):
    with opened() as session:
        return store.find(session, cipher, PHONE, value)


def usage(opened, cipher, storage):
    with opened() as session:
        return {
            (one.holder, one.use.value, one.key_id): one.count
            for one in key_rotation.status(session, HOLDERS, Keys(cipher, storage))
        }


def import_file(opened, cipher, storage, path):
    with opened() as session:
        return intake.import_file(
            session,
            path,
            scheme_code=None,
            actor_id=None,
            cipher=cipher,
            storage=storage,
            now=START,
        )


def keep_answer(opened, cipher, actor, key, answered):
    with opened() as session:
        record = IdempotencyRecord(
            actor_id=actor, key=key, fingerprint="f", created_at=START, body=None
        )
        if cipher is None:
            record.body = answered
        else:
            plain = json.dumps(answered).encode()
            record.sealed = cipher.seal_bytes(plain, associated=bound(actor, key))
        session.add(record)


def test_every_column_of_sealed_bytes_has_a_holder():
    held = set().union(*(holder.columns for holder in HOLDERS))
    columns = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.type.python_type is bytes
    }

    assert columns - DIGESTS == held
    assert not DIGESTS - columns


def test_everything_is_turned_and_the_old_keys_can_go(apps, opened, storage, tmp_path, alice):
    path = write_csv(tmp_path / "a.csv", [s01(), s01(发放月份="2026年02月")])
    batch = import_file(opened, OLD, storage, path)
    ids = put(opened, OLD, "13900000001", "13900000002")
    keep_answer(opened, OLD, alice.id, "k", {"values": "13900000001"})
    keep_answer(opened, None, alice.id, "clear", {"values": "13900000002"})
    before = usage(opened, BOTH, storage)

    turned = key_rotation.rotate(rotation_of(apps(BOTH), step=2))

    after = usage(opened, BOTH, storage)
    assert {name[1:] for name in before} == {("data", 1), ("index", 1), ("none", 0)}
    assert {name[1:] for name in after} == {("data", 2), ("index", 2)}
    assert sum(after.values()) == sum(before.values())
    assert turned["idempotency_record"] == 2 + 1 - 1
    assert {find(opened, NEW, value) for value in ids} == set(ids.values())
    assert put(opened, NEW, *ids) == ids
    with opened() as session:
        assert store.reveal(session, NEW, ids.values()) == {ids[value]: value for value in ids}
        stored = session.get_one(StoredFile, session.get_one(ImportBatch, batch.batch_id).file_id)
        assert b"".join(queries.pieces(stored, cipher=NEW, storage=storage)) == path.read_bytes()
        answers = session.scalars(select(IdempotencyRecord)).all()
        assert {
            record.key: json.loads(
                NEW.open_bytes(record.sealed, associated=bound(alice.id, record.key))
            )["values"]
            for record in answers
        } == {"k": "13900000001", "clear": "13900000002"}
        assert [record.body for record in answers] == [None, None]
        assert session.scalars(select(IndexKey.id)).all() == [2]
    # A row that was loaded under the old key is known under the new one.
    again = write_csv(tmp_path / "b.csv", [s01(), s01(发放月份="2026年03月")])
    assert import_file(opened, NEW, storage, again).loaded == 1


def test_a_rotation_is_in_the_audit_trail_and_holds_no_key(apps, opened, storage):
    put(opened, OLD, "13900000001")

    key_rotation.rotate(rotation_of(apps(BOTH)))

    with opened() as session:
        events = session.scalars(
            select(AuditEvent)
            .where(AuditEvent.subject_type == "keys")
            .order_by(AuditEvent.occurred_at, AuditEvent.id)
        ).all()
        assert {event.action for event in events} == {
            "keys:rotation_started",
            "keys:rotation_finished",
        }
        end = next(event for event in events if event.action == "keys:rotation_finished")
        assert end.details["turned"]["secret_value"] >= 1
        assert end.details["index_keys_retired"] == [1]
        told = json.dumps([event.details for event in events])
    for key in [*BOTH.data_keys.values(), *BOTH.index_keys.values()]:
        assert key.hex() not in told


def test_writers_with_either_key_end_with_one_row(apps, opened):
    # Half of the processes take key 1 for current and half key 2, as during a roll-out.
    swapped = cipher_with((1, 2), (2, 1))
    put(opened, OLD, "first")
    openers = [unit_of_work_of(apps(cipher)) for cipher in (BOTH, swapped)]

    def write(number):
        found = {}
        for round_ in range(40):
            found |= put(openers[number % 2], (BOTH, swapped)[number % 2], f"value {round_}")
            if number == 3 and round_ == 20:
                with opened() as session:
                    index_keys.make_current(session, 2, now=START)
        return found

    results = at_once(write, threads=4)

    assert all(result == results[0] for result in results)
    with opened() as session:
        count = session.scalar(
            select(func.count())
            .select_from(SecretValue)
            .where(SecretValue.id.in_(results[0].values()))
        )
    assert count == 40


def test_the_change_of_the_key_waits_for_a_writer_and_keeps_none_waiting(opened):
    put(opened, OLD, "first")
    with opened() as session:
        ids = store.put_many(session, OLD, PHONE, ["unseen"], now=START)
        with opened() as other:
            assert not index_keys.make_current(other, 2, now=START)
        seen = put(opened, BOTH, "another")  # a second writer is not held up
        assert seen
    with opened() as session:
        assert index_keys.make_current(session, 2, now=START)

    assert put(opened, BOTH, "unseen") == ids


def test_a_process_without_a_key_in_use_says_which(apps, opened, storage):
    ids = put(opened, OLD, "13900000001")
    with opened() as session:
        index_keys.make_current(session, 2, now=START)

    for act in (lambda: put(opened, OLD, "new"), lambda: find(opened, OLD, "13900000001")):
        with pytest.raises(KeyMissing, match="key 2 is in use, and is not in RELIEF_INDEX_KEYS"):
            act()
    with (
        pytest.raises(KeyMissing, match="key 1 is in use, and is not in RELIEF_DATA_KEYS"),
        opened() as session,
    ):
        store.reveal(session, NEW, ids.values())
    with pytest.raises(KeyMissing, match="key 1"):
        key_rotation.rotate(rotation_of(apps(NEW)))


def test_two_rotations_at_once_are_one(apps, opened):
    put(opened, OLD, *(f"value {number}" for number in range(50)))
    second = []

    def begin_another(*_):
        if not second:
            with pytest.raises(RotationRuns):
                key_rotation.rotate(rotation_of(apps(BOTH)))
            second.append(1)

    key_rotation.rotate(rotation_of(apps(BOTH), step=10, progress=begin_another))

    assert second == [1]
    assert sum(key_rotation.rotate(rotation_of(apps(BOTH))).values()) == 0


def test_what_another_transaction_holds_is_turned_when_it_is_free(apps, opened, storage):
    ids = put(opened, OLD, "held", "free")
    freed = threading.Event()

    def hold():
        with opened() as session:
            session.scalars(
                select(SecretValue).where(SecretValue.id == ids["held"]).with_for_update()
            ).one()
            freed.wait(20)

    holder = threading.Thread(target=hold)
    holder.start()
    rotation = threading.Thread(target=key_rotation.rotate, args=(rotation_of(apps(BOTH)),))
    rotation.start()
    wait_until(lambda: usage(opened, BOTH, storage).get(("secret_value", "data", 1)) == 1)
    freed.set()
    holder.join()
    rotation.join()

    assert ("secret_value", "data", 1) not in usage(opened, BOTH, storage)


def store_file(opened, storage, data):
    with opened() as session:
        stored = attachments.store(
            session,
            io.BytesIO(data),
            name="a.csv",
            media_type="text/csv",
            purpose="import",
            actor_id=None,
            cipher=OLD,
            storage=storage,
            now=START,
            limit=1 << 30,
        )
        return stored, attachments.path_of(storage, stored.id)


def test_a_reader_in_the_middle_of_a_file_reads_it_to_its_end(apps, opened, storage):
    data = b"0123456789abcdef" * (3 << 16)  # three pieces
    stored, path = store_file(opened, storage, data)
    path.with_suffix(".turned").write_bytes(b"left by a kill")

    reading = queries.pieces(stored, cipher=BOTH, storage=storage)
    begun = next(reading)
    key_rotation.rotate(rotation_of(apps(BOTH)))

    assert begun + b"".join(reading) == data
    assert b"".join(queries.pieces(stored, cipher=NEW, storage=storage)) == data
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_file_that_was_changed_stops_the_rotation_and_stays(apps, opened, storage):
    _, path = store_file(opened, storage, b"content")
    spoilt = path.read_bytes()[:-1] + b"?"
    path.write_bytes(spoilt)

    with pytest.raises(CannotOpen):
        key_rotation.rotate(rotation_of(apps(BOTH)))

    assert path.read_bytes() == spoilt
    path.unlink()
    key_rotation.rotate(rotation_of(apps(BOTH)))  # a content that is gone has no key
    assert content.key_of_file(path) is None


@pytest.fixture
def relief(apps, monkeypatch):
    """Run `relief keys` with these keys."""

    def run(cipher, *words):
        app = apps(cipher)

        @contextmanager
        def given(_role):
            with app.app_context():
                yield app

        monkeypatch.setattr(command, "application", given)
        return CliRunner().invoke(command.keys, words)

    return run


def test_the_commands_say_what_uses_which_key(relief, opened, storage):
    with opened() as session:
        session.execute(text("TRUNCATE secret_value, index_key, account_totp CASCADE"))
    assert "还没有加密的数据" in relief(BOTH, "status").output
    put(opened, OLD, "1", "2")

    before = relief(BOTH, "status").output
    rotated = relief(BOTH, "rotate")
    after = relief(BOTH, "status").output
    told = json.loads(relief(BOTH, "status", "--json").output)
    without = relief(OLD, "status").output
    refused = relief(OLD, "rotate")

    assert "个人敏感信息：数据密钥 1，2 项，待轮换" in before
    assert "可以从设置中移除" not in before
    assert rotated.exit_code == 0
    assert "密钥轮换完成：2 项" in rotated.output
    assert "个人敏感信息：索引密钥 2，2 项，当前" in after
    assert "数据密钥 1 已无数据使用，可以从设置中移除。" in after
    assert told["spent"] == [{"use": "data", "key_id": 1}, {"use": "index", "key_id": 1}]
    assert {one["count"] for one in told["usage"]} == {2}
    assert "设置中没有这个密钥" in without
    assert (refused.exit_code, "key 2 is in use" in refused.output) == (1, True)


def test_the_command_says_when_it_cannot(relief, opened, apps):
    ids = put(opened, OLD, "1")
    with opened() as session:
        session.execute(
            update(SecretValue)
            .where(SecretValue.id == ids["1"])
            .values(ciphertext=OLD.seal("1", row_id=uuid.UUID(int=1)))
        )
    spoilt = relief(BOTH, "rotate")

    assert spoilt.exit_code == 1
    assert "无法解密" in spoilt.output
    found = []
    with opened() as session:
        session.execute(text("DELETE FROM secret_value WHERE id = :id"), {"id": ids["1"]})
    put(opened, BOTH, "3")
    with opened() as session:
        session.execute(update(SecretValue).values(index_key_id=1))

    def beside(*_):
        if not found:
            found.append(relief(BOTH, "rotate"))

    key_rotation.rotate(rotation_of(apps(BOTH), progress=beside))
    assert "另一个进程正在轮换密钥" in found[0].output
