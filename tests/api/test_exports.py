"""Exports over HTTP, under row security."""

import pytest
from sqlalchemy import select, update

from relief.audit.models import AuditEvent
from relief.core.privacy import store
from relief.core.privacy.models import SecretKind
from relief.registry.models import Household
from relief.tasks import worker as tasks
from relief.wiring import worker_of
from tests.factories import make_household
from tests.support.exporting import lines

BODY = {"form": "csv", "purpose": "recheck", "name": "小"}


@pytest.fixture
def homes(desk):
    with desk.opened() as session:
        return [
            make_household(session, desk.cipher, name="王小明", schemes=("S01", "S21")),
            make_household(session, desk.cipher, name="李小红", region=210303001001),
        ]


def test_an_export_is_asked_for_made_and_fetched(desk, homes, alice):
    client = desk.client(alice)

    asked = client.post("/v1/exports", json=BODY)
    export_id = asked.json["id"]
    assert (asked.status_code, asked.json["status"]) == (202, "waiting")
    assert client.post(f"/v1/exports/{export_id}/file").json["code"] == "export-not-ready"
    assert tasks.run_one(worker_of(desk.app))
    told = client.get(f"/v1/exports/{export_id}").json
    got = client.post(f"/v1/exports/{export_id}/file")

    assert (told["status"], told["row_count"], told["told"]) == ("ready", 1, {"by": ["name"]})
    assert told["expires_at"] == "2026-11-30T01:00:00+00:00"
    assert got.content_type == "text/csv; charset=utf-8"
    assert got.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E5")
    assert got.headers["Cache-Control"] == "no-store"
    assert int(got.headers["Content-Length"]) == told["size"] == len(got.data)
    assert [row[1] for row in lines(got.data)[2:]] == ["王小明"]
    assert client.get("/v1/exports").json["items"][0]["fetched_at"] is not None
    with desk.opened() as session:
        taken = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "household:exported")
        ).one()
    assert taken.details["shown"] == [str(homes[0].id), str(homes[0].person_id)]


def test_the_numbers_in_a_file_are_masked(desk, homes, alice):
    client = desk.client(alice)
    export_id = client.post("/v1/exports", json=BODY).json["id"]
    tasks.run_one(worker_of(desk.app))

    text = client.post(f"/v1/exports/{export_id}/file").get_data(as_text=True)

    assert homes[0].phone not in text
    assert homes[0].phone[:3] + "****" + homes[0].phone[-4:] in text


def test_a_search_by_number_is_kept_sealed(desk, homes, alice):
    client = desk.client(alice)
    body = {"form": "csv", "purpose": "recheck", "citizen_id": homes[0].citizen_id}

    export_id = client.post("/v1/exports", json=body).json["id"]
    tasks.run_one(worker_of(desk.app))

    told = client.get(f"/v1/exports/{export_id}").json
    assert (told["told"], told["row_count"]) == ({"by": ["citizen_id"]}, 1)
    with desk.opened() as session:
        assert store.find(session, desk.cipher, SecretKind.CITIZEN_ID, homes[0].citizen_id)


def test_the_same_key_is_the_same_export(desk, homes, alice):
    client = desk.client(alice)
    key = {"Idempotency-Key": "export-1"}

    first, again = (client.post("/v1/exports", json=BODY, headers=key) for _ in range(2))
    another = client.post("/v1/exports", json=BODY | {"form": "xlsx"}, headers=key)

    assert again.json == first.json
    assert another.json["code"] == "idempotency-key-reused"
    assert len(client.get("/v1/exports").json["items"]) == 1
    assert tasks.run_one(worker_of(desk.app))
    assert not tasks.run_one(worker_of(desk.app))


def test_taking_away_needs_a_fresh_proof(desk, homes, alice):
    client = desk.client(alice)
    export_id = client.post("/v1/exports", json=BODY).json["id"]
    tasks.run_one(worker_of(desk.app))
    desk.clock.advance(minutes=6)

    refused = [
        client.post("/v1/exports", json=BODY),
        client.post(f"/v1/exports/{export_id}/file"),
    ]

    assert {answer.json["code"] for answer in refused} == {"step-up-required"}
    assert client.get(f"/v1/exports/{export_id}").status_code == 200


def test_another_finds_no_export_of_mine(desk, homes, alice, charlie):
    export_id = desk.client(alice).post("/v1/exports", json=BODY).json["id"]
    tasks.run_one(worker_of(desk.app))
    other = desk.client(charlie)

    for answer in (
        other.get(f"/v1/exports/{export_id}"),
        other.post(f"/v1/exports/{export_id}/file"),
    ):
        assert (answer.status_code, answer.json["code"]) == (404, "export-not-found")
    assert other.get("/v1/exports").json["items"] == []


def test_who_moved_out_of_sight_is_not_given_out(desk, homes, alice):
    client = desk.client(alice)
    export_id = client.post("/v1/exports", json=BODY).json["id"]
    tasks.run_one(worker_of(desk.app))
    with desk.opened() as session:
        session.execute(
            update(Household).where(Household.id == homes[0].id).values(region_code=210303001001)
        )

    refused = client.post(f"/v1/exports/{export_id}/file")

    assert (refused.status_code, refused.json["code"]) == (409, "export-out-of-scope")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"purpose": "curious"}, "unknown-purpose"),
        ({"purpose": "other", "remark": "看"}, "remark-missing"),
        ({"purpose": "recheck", "region": "999999999999"}, "region-not-found"),
    ],
)
def test_what_cannot_be_made_is_refused_at_once(signed_in, alice, body, code):
    assert signed_in(alice).post("/v1/exports", json=body).json["code"] == code


def test_the_search_takes_sounds_and_household_numbers(session, cipher, signed_in, alice):
    home = make_household(session, cipher, name="吕芳")
    make_household(session, cipher, name="王芳")
    number = session.get_one(Household, home.id).number
    session.commit()
    client = signed_in(alice)

    for body in ({"pinyin": "lü fang"}, {"pinyin": "lf"}, {"number": number}):
        found = client.post("/v1/households/search", json=body).json["items"]
        assert [row["id"] for row in found] == [str(home.id)]
    searches = session.scalars(
        select(AuditEvent.details).where(AuditEvent.action == "household:searched")
    ).all()
    assert sorted(one["by"] for one in searches) == [["number"], ["pinyin"], ["pinyin"]]
