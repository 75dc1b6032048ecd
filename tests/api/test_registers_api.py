"""Outside registers over HTTP, with the rights of the web account."""

import io

import pytest
from sqlalchemy import select

from relief.audit.models import AuditEvent
from relief.registers.types import Register
from relief.tasks import worker
from relief.wiring import worker_of
from tests.support.register_files import write
from tests.support.source import number

CAR = {"thing": "辽C12345", "kind": "小型轿车", "from_on": "2024-05-06", "state": "正常"}
URL = "/v1/registers"


@pytest.fixture
def city(signed_in, steward):
    return signed_in(steward)


@pytest.fixture
def sent(tmp_path):
    return write(
        tmp_path, Register.VEHICLES, CAR | {"number": number()}, CAR | {"number": "1"}
    ).read_bytes()


def send(client, content, **form):
    return client.post(f"{URL}/batches", data={"file": (io.BytesIO(content), "车辆.csv")} | form)


def vehicles(client):
    found = client.get(URL)
    assert found.status_code == 200, found.json
    return next(one for one in found.json["items"] if one["register"] == "vehicles")


def test_from_upload_to_taking_back(app, session, city, sent):
    assert vehicles(city)["supply"] == "missing"
    queued = send(city, sent, rows="2")
    assert (queued.status_code, send(city, sent, rows="2").json["id"]) == (202, queued.json["id"])
    assert worker.run_one(worker_of(app))
    session.commit()

    now = vehicles(city)
    assert (now["supply"], now["entries"], now["last"]["rejected"]) == ("current", 1, 1)
    assert {"code": "A13", "name": "车辆异常"} in now["checks"]
    [batch] = city.get(f"{URL}/batches?register=vehicles").json["items"]
    assert city.get(f"{URL}/batches?register=deaths").json["items"] == []
    url = f"{URL}/batches/{batch['id']}"
    assert city.get(url).json == batch
    rows = city.get(f"{url}/rejected-rows").json["items"]
    assert [(row["row_number"], row["column"]) for row in rows] == [(3, "所有人证件号码")]
    file = city.post(f"{url}/rejected-file")
    assert (file.status_code, "退回原因" in file.get_data(as_text=True)) == (200, True)

    undone = city.post(f"{url}/undo")
    assert (undone.status_code, undone.json["status"]) == (200, "undone"), undone.json
    assert undone.json["undone_by"]
    again = city.post(f"{url}/undo")
    assert (again.status_code, again.json["code"]) == (409, "register-batch-not-live")
    assert vehicles(city)["supply"] == "missing"
    acts = session.scalars(
        select(AuditEvent.action).where(AuditEvent.subject_type == "register_batch")
    ).all()
    assert sorted(acts) == [
        "register_batch:loaded",
        "register_batch:rejected_rows_taken",
        "register_batch:undone",
    ]


def test_no_answer_names_anybody(app, session, city, sent):
    send(city, sent)
    assert worker.run_one(worker_of(app))
    session.commit()
    [batch] = city.get(f"{URL}/batches").json["items"]

    for url in ("", "/batches", f"/batches/{batch['id']}", f"/batches/{batch['id']}/rejected-rows"):
        text = city.get(URL + url).get_data(as_text=True)
        assert all(word not in text for word in ("张三", "辽C12345", number()))


def test_a_bad_file_is_a_problem_in_words(city):
    answer = send(city, b"%PDF-1.7")

    assert (answer.status_code, answer.json["code"]) == (422, "import-unreadable-file")
    assert "PDF" in answer.json["detail"]
    assert send(city, b"x", register="nothing").status_code == 422


def test_an_auditor_reads_and_does_nothing(signed_in, auditor, sent):
    client = signed_in(auditor)

    assert client.get(URL).status_code == 200
    assert send(client, sent).status_code == 403
