"""Personal data go through the whole platform, and are in the clear only where asked for."""

import functools
import io
import json
import logging
import uuid
from datetime import date

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from relief import wiring
from relief.accounts import sign_in
from relief.audit import bulk_grounds
from relief.audit.models import AuditEvent, GroundKind
from relief.core import citizen_id, logs
from relief.core.ids import new_id
from relief.core.privacy.cipher import CannotOpen
from relief.jobs.process import unit_of_work_of
from relief.tasks import worker as tasks
from relief.web import idempotency
from relief.web.models import IdempotencyRecord
from tests.support import canaries, leaks, run_folder
from tests.support.files import S01, TITLE, csv_bytes, s01
from tests.support.people import PASSWORD, code_of, forget_used_codes
from tests.support.settings import CIPHER, START

PEOPLE = 200
SERVER_TABLES = ("audit_event", "task", "idempotency_record", "outbox_message", "rejected_row")


def rows_of(count: int) -> list[list[str]]:
    return [
        s01(
            姓名=f"王{chr(0x5F20 + serial)}",
            户主姓名=f"王{chr(0x5F20 + serial)}",
            低保证号=f"D{serial:04}",
            身份证号=canaries.citizen_id(serial),
            联系电话=canaries.phone(serial),
            开户账号=canaries.account(serial),
            性别="男" if int(canaries.citizen_id(serial)[16]) % 2 else "女",
        )
        for serial in range(count)
    ]


@pytest.fixture
def kept_log(tmp_path):
    """Everything that the program logs meanwhile, as a service writes it."""
    file = tmp_path / "service.log"
    with file.open("w") as stream:
        handler = logging.StreamHandler(stream)
        handler.setFormatter(logs.JsonFormatter("test"))
        root, level = logging.getLogger(), logging.getLogger().level
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        yield file
        root.removeHandler(handler)
        root.setLevel(level)


def client_of(app: Flask, name: str):
    with unit_of_work_of(app)() as session:
        forget_used_codes(session)
        opened = sign_in.sign_in(
            session,
            username=name,
            password=PASSWORD,
            kind=sign_in.BEARER,
            address="127.0.0.1",
            user_agent="tests",
            cipher=CIPHER,
            code=code_of(name, START),
            now=START,
        )
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {opened.token}"
    return client


def upload(client, data: bytes, name: str):
    return client.post(
        "/v1/batches",
        data={"file": (io.BytesIO(data), name)},
        content_type="multipart/form-data",
    )


def test_nothing_is_in_the_clear_after_all_that_people_do(
    spare_app, spare_database_url, tmp_path, kept_log, caplog
):
    caplog.set_level(logging.DEBUG)
    number, phone = canaries.citizen_id(3), canaries.phone(3)

    def break_down():
        message = f"a handler that knows {number}"
        raise ValueError(message)

    def fail_in_the_database():
        with unit_of_work_of(spare_app)() as session:
            session.execute(
                text("INSERT INTO import_batch (id, scheme_code) VALUES (:id, :number)"),
                {"id": new_id(START), "number": number},
            )

    views = spare_app.view_functions
    for name, broken in (("regions", break_down), ("schemes", fail_in_the_database)):
        endpoint = f"reference.list_{name}"
        views[endpoint] = functools.wraps(views[endpoint])(lambda *_, broken=broken, **__: broken())
    spare_app.testing = False
    spare_app.config["PROPAGATE_EXCEPTIONS"] = False
    steward, alice = client_of(spare_app, "steward"), client_of(spare_app, "alice")
    good = rows_of(PEOPLE)
    bad = [s01(身份证号=number, 联系电话=phone, 开户账号=canaries.account(3), 姓名="")]

    # Files that load, that are refused in part, and that cannot be read.
    answers = [
        upload(steward, csv_bytes([TITLE, S01, *good, *bad]), "低保.csv"),
        upload(steward, csv_bytes([TITLE, [number, phone], *good]), "乱.csv"),
        upload(steward, b"\xff\xfe" + number.encode() * 100, f"{number}.csv"),
        steward.get(f"/v1/households?citizen_id={number}"),
        steward.get(f"/v1/households/{number}"),
        steward.post("/v1/households/search", json={"citizen_id": [number]}),
        steward.get("/v1/regions"),
        steward.get("/v1/schemes"),
        steward.get("/healthz"),
    ]
    worker = wiring.worker_of(spare_app)
    while tasks.run_one(worker):
        pass
    found = steward.post("/v1/households/search", json={"citizen_id": number})
    people = [
        member["id"]
        for home in found.json["items"]
        for member in steward.get(f"/v1/households/{home['id']}").json["members"]
    ]
    assert len(people) == 1
    asked = alice.post(
        "/v1/access-requests",
        json={"person_id": people[0], "purpose": "recheck"},
        headers={"Idempotency-Key": "asked-once"},
    )
    look = {"fields": ["citizen_id"], "purpose": "recheck"}
    refused = steward.post(f"/v1/persons/{people[0]}/unmask", json=look)
    with unit_of_work_of(spare_app)() as session:
        bulk_grounds.open_many(
            session,
            kind=GroundKind.TASK,
            work=[("review-1", uuid.UUID(people[0]))],
            purpose="人工核对是否同一人",
            actor_id=None,
            now=START,
        )
    seen = steward.post(f"/v1/persons/{people[0]}/unmask", json=look)
    batches = steward.get("/v1/batches").json["items"]
    rejected = [
        steward.post(f"/v1/batches/{batch['id']}/rejected-file")
        for batch in batches
        if batch["rejected"]
    ]

    # It was there: the person was found by the number, and the rejected rows are the file's own.
    assert asked.status_code in {200, 201}
    assert (refused.status_code, seen.status_code) == (403, 200)
    assert seen.json["values"]["citizen_id"] == number
    assert any(number in answer.get_data().decode("gb18030") for answer in rejected)
    assert {answer.status_code for answer in answers} >= {200, 202, 404, 422, 500}
    with unit_of_work_of(spare_app)() as session:
        for table in SERVER_TABLES:
            assert session.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608  # ours
    dumped = leaks.dump(spare_database_url)
    assert b"COPY public.audit_event" in dumped
    places = {
        "the dump": dumped,
        "the log": kept_log.read_bytes(),
        **{answer.request.path: answer.get_data() for answer in answers},
        **{
            str(path): path.read_bytes()
            for path in (tmp_path / "storage").rglob("*")
            if path.is_file()
        },
    }
    assert len(places["the log"]) > 1000
    assert {
        where: hits for where, data in places.items() if (hits := canaries.found_in(data))
    } == {}
    assert list((tmp_path / "storage" / "work").iterdir()) == []


def test_an_answer_that_holds_personal_data_is_kept_sealed(spare_app, spare_database_url, alice):
    answered = {"citizen_id": canaries.citizen_id(5)}
    opened = unit_of_work_of(spare_app)

    def once(key="k"):
        with opened() as session:
            return idempotency.once(
                session,
                actor_id=alice.id,
                key=key,
                request=b"a request",
                now=START,
                work=lambda: answered,
            )

    assert once() == once() == answered
    assert canaries.found_in(leaks.dump(spare_database_url)) == set()
    with opened() as session:
        record = session.get_one(IdempotencyRecord, {"actor_id": alice.id, "key": "k"})
        record.key = "another"  # moved to another request, it does not open
    with pytest.raises(CannotOpen, match="belongs to another row"):
        once(key="another")


class TestPlanted:
    """A leak that is put there on purpose is found: the searching is not idle."""

    @pytest.fixture(autouse=True)
    def apart(self, tmp_path, monkeypatch):
        """A run's folder of its own, so that what is planted does not fail the real run."""
        facts = run_folder.read(run_folder.path())
        folder = tmp_path / "run"
        (folder / "logs").mkdir(parents=True)
        (folder / "facts.json").write_text(json.dumps({**facts, "prefix": "none"}))
        monkeypatch.setenv(run_folder.ENV, str(folder))
        return folder

    @pytest.mark.parametrize(
        "value", [canaries.citizen_id(7), canaries.phone(999), canaries.account(0)]
    )
    @pytest.mark.parametrize("form", ["{}", "86{}", "a{}b", '{{"x": "{}"}}'])
    def test_in_any_text(self, value, form):
        assert canaries.found_in(form.format(value)) == {value}
        assert canaries.found_in(value.encode().hex()) == {value}

    def test_what_is_not_one_is_not_found(self):
        assert canaries.found_in("210302198003040012 13912345678 2103**************") == set()

    def test_in_a_table(self, session):
        session.add(
            AuditEvent(
                id=new_id(START),
                occurred_at=START,
                actor_id=None,
                action="test:planted",
                subject_type="test",
                subject_id=new_id(START),
                request_id=None,
                details={"value": canaries.phone(1)},
            )
        )
        session.flush()
        connection = session.connection().connection.driver_connection

        with pytest.raises(leaks.Leak, match="audit_event"):
            leaks.check_transaction(connection, "the test")
        session.rollback()

    def test_in_a_database_of_its_own(self, spare_database_url):
        since = leaks.now_in(spare_database_url)
        with psycopg.connect(spare_database_url, autocommit=True) as connection:
            connection.execute(
                "UPDATE department SET name = %s WHERE code = 'D01'", [canaries.phone(3)]
            )

            with pytest.raises(leaks.Leak, match="department"):
                leaks.check_database(spare_database_url, "the test", since=since)
            connection.execute("UPDATE department SET name = '民政局' WHERE code = 'D01'")

    def test_in_an_error_page(self, app):
        with (
            app.test_request_context("/somewhere"),
            pytest.raises(leaks.Leak, match="the answer 422 to GET /somewhere"),
        ):
            leaks.check_answer(app.response_class(f"no {canaries.phone(2)}", status=422))
        assert leaks.finds([]) != []

    def test_in_a_log_and_in_what_is_left(self, apart, tmp_path):
        (apart / "logs" / "web.log").write_text(f'{{"message": "{canaries.citizen_id(9)}"}}')
        left = tmp_path / "t" / "storage" / "work" / "work-x" / "original"
        left.parent.mkdir(parents=True)
        left.write_text(canaries.account(9))

        lines = leaks.finds([tmp_path / "t"])

        assert len(lines) == 2
        assert "web.log" in lines[0] + lines[1]
        assert "work-x" in lines[0] + lines[1]
        left.unlink()  # the end of the real run looks here too
        (apart / "logs" / "web.log").unlink()

    def test_the_thousand_are_valid_and_different(self):
        numbers = {canaries.citizen_id(serial) for serial in range(canaries.COUNT)}

        assert all(citizen_id.parse(one, today=date(2026, 11, 23)) for one in numbers)
        assert len(canaries.values()) == 3 * canaries.COUNT
        assert {len(one) for one in canaries.values()} == {11, 18, 19}
