"""Households, persons, files and requests over HTTP: the shape of answers and of refusals."""

import io

import pytest
from sqlalchemy import select, update

from relief.audit import grounds
from relief.audit.models import AuditEvent, GroundKind
from relief.registry.intake import service as intake
from relief.registry.merging.service import merge
from relief.registry.models import ImportBatch
from relief.registry.types import BatchStatus, FileContent
from relief.tasks import worker
from relief.tasks.models import Task
from relief.wiring import worker_of
from tests.factories import make_batch, make_household
from tests.support import files
from tests.support.settings import CIPHER, START
from tests.support.source import number, send


@pytest.fixture
def home(session, cipher):
    home = make_household(session, cipher, schemes=("S01", "S21"))
    session.commit()
    return home


def test_a_list_is_asked_for_by_pages(session, cipher, signed_in, alice):
    homes = {str(make_household(session, cipher).id) for _ in range(3)}
    session.commit()
    client = signed_in(alice)

    first = client.get("/v1/households?limit=2").json
    rest = client.get(f"/v1/households?limit=2&cursor={first['next_cursor']}").json

    assert {row["id"] for row in first["items"] + rest["items"]} == homes
    assert rest["next_cursor"] is None
    assert first["items"][0]["region_code"] == "210302002001"


@pytest.mark.parametrize(
    ("query", "pointer", "detail"),
    [
        ("limit=0", "#/limit", "应在 1 到 200 之间"),
        ("limit=201", "#/limit", "应在 1 到 200 之间"),
        ("limit=many", "#/limit", "应为整数"),
        ("category=rich", "#/category", None),
        ("citizen_id=210302198003041234", "#/citizen_id", "不认识的项目"),
        ("name=王", "#/name", "不认识的项目"),
    ],
)
def test_a_wrong_argument_is_pointed_at_in_chinese(signed_in, alice, query, pointer, detail):
    answer = signed_in(alice).get(f"/v1/households?{query}")

    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.json["title"] == "填写内容有误"
    error = answer.json["errors"][0]
    assert (error["in"], error["pointer"]) == ("query", pointer)
    assert detail is None or error["detail"] == detail


def test_a_search_for_nothing_is_pointed_at_in_chinese(signed_in, alice):
    answer = signed_in(alice).post("/v1/households/search", json={"name": ""})

    assert answer.status_code == 422
    assert answer.json["errors"] == [
        {"in": "json", "pointer": "#/name", "detail": "长度应为 1 至 40 个字符"}
    ]


def test_a_bad_cursor_is_a_clear_refusal(signed_in, alice):
    answer = signed_in(alice).get("/v1/households?cursor=nonsense")

    assert (answer.status_code, answer.json["code"]) == (422, "bad-cursor")


def test_a_body_that_is_no_json_is_refused(signed_in, alice):
    answer = signed_in(alice).post(
        "/v1/households/search", data="{", content_type="application/json"
    )

    assert answer.status_code in {400, 422}
    assert answer.json["title"] in {"请求格式有误", "填写内容有误"}


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "a\\u0000"}',
        b'{"name": "\\ud800"}',
        b'{"phone": {"\\u0000": [1]}}',
        b'{"name": ' + b"[" * 100_000,
        b'{"name": ' + b"9" * 5_000 + b"}",
    ],
    ids=["nul", "half a character", "nul in a name", "deep", "long number"],
)
def test_a_body_that_nothing_can_be_made_of_is_refused(signed_in, alice, body):
    answer = signed_in(alice).post(
        "/v1/households/search", data=body, content_type="application/json"
    )

    assert (answer.status_code, answer.json["code"]) == (400, "bad-request")


@pytest.mark.parametrize("content_type", ["text/xml", "application/x-www-form-urlencoded", None])
def test_a_body_that_is_not_called_json_is_no_search_for_everything(signed_in, alice, content_type):
    answer = signed_in(alice).post(
        "/v1/households/search", data=b'{"name": "x"}', content_type=content_type
    )

    assert (answer.status_code, answer.json["title"]) == (415, "不支持提交的格式")


def test_a_number_is_searched_for_by_post_and_that_is_recorded(session, signed_in, alice, home):
    answer = signed_in(alice).post(
        "/v1/households/search", json={"citizen_id": home.citizen_id, "phone": home.phone}
    )

    assert [row["id"] for row in answer.json["items"]] == [str(home.id)]
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "household:searched")
    ).one()
    assert event.request_id == answer.headers["X-Request-ID"]
    assert home.citizen_id not in answer.get_data(as_text=True)


def test_a_person_is_unmasked_on_a_ground_and_never_stored(session, signed_in, alice, home):
    client = signed_in(alice)
    url = f"/v1/persons/{home.person_id}/unmask"
    form = {"fields": ["citizen_id"], "purpose": "home_survey"}

    refused = client.post(url, json=form)
    grounds.open_ground(
        session,
        kind=GroundKind.CASE,
        reference="case-1",
        person_id=home.person_id,
        purpose="受理申请",
        actor_id=None,
        now=START,
    )
    session.commit()
    answer = client.post(url, json=form)

    assert (refused.status_code, refused.json["code"]) == (403, "no-open-ground")
    assert answer.json == {"values": {"citizen_id": home.citizen_id}}
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_request_is_asked_and_decided_by_two(signed_in, alice, charlie, home, session):
    asker = signed_in(alice)
    form = {"person_id": str(home.person_id), "purpose": "payment"}

    made = asker.post("/v1/access-requests", json=form)

    assert made.status_code == 201
    assert made.json["person_name"] == "张三"
    listed = asker.get("/v1/access-requests?waiting=true").json["items"]
    assert [row["id"] for row in listed] == [made.json["id"]]
    # 铁西区 knows nothing of a person of 铁东区.
    assert signed_in(charlie).post("/v1/access-requests", json=form).status_code == 404


def test_a_file_is_sent_queued_and_followed(signed_in, steward):
    client = signed_in(steward)

    def send(**more):
        content = io.BytesIO("姓名\n张三\n".encode())
        return client.post("/v1/batches", data={"file": (content, "名单.csv"), **more})

    first, second = send(), send()

    assert first.status_code == 202
    assert first.json["id"] == second.json["id"]
    assert client.get(f"/v1/tasks/{first.json['id']}").json["status"] == "waiting"
    assert send(scheme="S99").status_code == 422
    assert send(scheme="S01", region="210302000000").json["id"] != first.json["id"]
    assert send(region="110101000000").json["code"] == "import-unknown-region"
    assert send(region="铁东区").status_code == 422
    assert client.post("/v1/batches", data={}).status_code == 422


def test_a_held_roll_is_decided_on_once(session, signed_in, steward):
    held, other = make_batch(session, "S01"), make_batch(session, "S05")
    figures = {"removed": 30, "people": 90, "unread": 0}
    session.execute(
        update(ImportBatch).values(
            status=BatchStatus.HELD, held=figures, content=FileContent.ROLL, region_code=None
        )
    )
    session.commit()
    client = signed_in(steward)
    assert client.get(f"/v1/batches/{held}").json["held"] == figures

    confirmed = client.post(f"/v1/batches/{held}/decision", json={"confirm": True})
    refused = client.post(f"/v1/batches/{other}/decision", json={"confirm": False})

    assert (confirmed.json["status"], refused.json["status"]) == ("loaded", "refused")
    assert confirmed.json["decided_by"] == str(steward.id)
    assert len(session.scalars(select(Task).where(Task.kind == "merge")).all()) == 1
    again = client.post(f"/v1/batches/{held}/decision", json={"confirm": False})
    assert (again.status_code, again.json["code"]) == (409, "import-batch-not-held")


def test_a_batch_is_taken_back_and_the_merge_queued(session, signed_in, steward):
    batch = make_batch(session, "S01", rejected=1)
    session.commit()
    client = signed_in(steward)

    answer = client.post(f"/v1/batches/{batch}/undo")

    assert (answer.status_code, answer.json["kind"]) == (202, "merge")
    assert client.get(f"/v1/batches/{batch}").json["status"] == "undone"
    assert client.post(f"/v1/batches/{batch}/undo").status_code == 409
    rows = client.get(f"/v1/batches/{batch}/rejected-rows").json["items"]
    assert [row["row_number"] for row in rows] == [5]


def test_reference_data_is_told(signed_in, leader):
    client = signed_in(leader)

    city = client.get("/v1/regions").json
    counties = client.get("/v1/regions?parent=210300000000").json

    assert [row["name"] for row in city["items"]] == ["鞍山市"]
    assert len(counties["items"]) == 7
    assert len(city["zones"]) == 3
    assert len(client.get("/v1/departments").json["items"]) == 13
    assert len(client.get("/v1/schemes").json["items"]) == 33
    tables = client.get("/v1/code-tables?table=sex&table=none").json["tables"]
    assert tables["sex"]["1"] == "男"
    assert tables["none"] == {}


def test_the_audit_trail_is_read_by_the_auditor(signed_in, auditor, alice):
    signed_in(alice)

    events = signed_in(auditor).get("/v1/audit-events?action=account:signed_in&limit=2").json

    assert {event["action"] for event in events["items"]} == {"account:signed_in"}


def test_rejected_rows_are_given_back_with_reasons_and_that_is_recorded(
    session, signed_in, steward, config, cipher, tmp_path
):
    path = files.write_csv(tmp_path / "低保.csv", [files.s01(), files.s01(姓名="", 户主姓名="")])
    report = intake.import_file(
        session,
        path,
        scheme_code="S01",
        actor_id=steward.id,
        cipher=cipher,
        storage=config.storage_dir,
        now=START,
    )
    session.commit()

    answer = signed_in(steward).post(f"/v1/batches/{report.batch_id}/rejected-file")

    assert (answer.status_code, report.rejected) == (200, 1)
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment; ")
    assert disposition.isascii()
    assert "filename*=UTF-8''%E4%BD%8E%E4%BF%9D" in disposition
    assert "姓名" in answer.data.decode("gb18030")
    session.scalars(
        select(AuditEvent).where(AuditEvent.action == "import_batch:rejected_rows_taken")
    ).one()


def test_the_quality_of_files_and_the_list_of_faults(session, cipher, app, signed_in, steward):
    send(session, cipher, "S01", {"number": number()}, now=START)
    merge(session, cipher=CIPHER, actor_id=None, now=START)
    session.commit()
    client = signed_in(steward)

    rows = client.get("/v1/quality").json["items"]
    scheme = client.get("/v1/quality/S01").json
    task = client.post("/v1/quality/S01/fault-files", json={"form": "csv"})

    assert len(rows) == 33
    assert (rows[0]["every"], rows[0]["late_days"]) == ("month", 0)
    assert scheme["row"]["measures"]["invalid"] == {"faulty": 0, "total": 1}
    phone = next(one for one in scheme["fields"] if one["field"] == "phone")
    assert phone["measures"] == {"empty": {"faulty": 1, "total": 1}}
    assert scheme["files"][0]["file_name"] == "S01.csv"
    assert task.status_code == 202
    address = f"/v1/quality/fault-files/{task.json['id']}"
    early = client.post(address)
    assert (early.status_code, early.json["code"]) == (409, "quality-fault-file-not-ready")
    assert worker.run_one(worker_of(app))
    session.expire_all()
    file = client.post(address)
    assert (file.status_code, file.mimetype) == (200, "text/csv")
    assert "缺项" in file.get_data(as_text=True)
