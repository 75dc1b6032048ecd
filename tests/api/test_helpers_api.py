"""Helpers over HTTP: assigned, ended, transferred; refused by the rule's name; done once."""

import io

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from relief.accounts.types import Role
from relief.core import viewer
from relief.core.config import normalise_url
from relief.core.database_roles import DatabaseRole
from relief.core.ids import new_id
from relief.core.scope import Scope, subtree
from relief.core.viewer import Viewer
from relief.registry.models import Household
from relief.tasks import worker
from relief.visits import coverage
from relief.visits.models import Helper, HelperAssignment
from relief.wiring import worker_of
from tests import factories
from tests.api.access_helpers import assignment
from tests.support.database import accounts_on
from tests.support.settings import START, cipher_with

GIVEN = {"name": "帮甲", "unit": "某局", "phone": "13900000001", "from_on": "2026-01-01"}
OTHER = {"name": "帮乙", "unit": "某局", "phone": "13900000002"}


@pytest.fixture
def client(signed_in, steward):
    return signed_in(steward)


@pytest.fixture
def home(session, cipher):
    made = factories.make_household(session, cipher)
    session.commit()
    return made


def give(client, home, headers=None, **given):
    return client.post(f"/v1/households/{home.id}/helpers", json=GIVEN | given, headers=headers)


def test_a_helper_is_assigned_once_however_often_it_is_sent(session, client, home):
    once = {"Idempotency-Key": str(new_id(START))}

    answers = [give(client, home, once) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    [row] = answers[0].json["items"]
    assert (row["name"], row["phone"], row["is_first"]) == ("帮甲", "139****0001", True)
    assert (row["helps"], row["until_on"], row["end_kind"]) == (True, None, None)
    assert session.scalar(select(func.count()).select_from(HelperAssignment)) == 1
    again = give(client, home)
    assert (again.status_code, again.json["code"]) == (409, "helper-assignment-overlaps")


def test_above_the_limit_the_answer_names_the_rule_and_its_source(session, cipher, client):
    for _ in range(10):
        made = factories.make_household(session, cipher)
        session.commit()
        assert give(client, made).status_code == 201
    last = factories.make_household(session, cipher)
    session.commit()

    refused = give(client, last)

    assert (refused.status_code, refused.json["code"]) == (409, "helper-ratio-exceeded")
    assert "上限 10 户" in refused.json["detail"]
    assert give(client, last, over_reason="邻近几户").status_code == 201


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"phone": "12345678901234"}, "helper-phone"),
        ({"name": "\u200b"}, "helper-name"),
        ({"until_on": "2025-12-31"}, "helper-assignment-days"),
    ],
)
def test_bad_input_is_refused_with_its_rule(client, home, given, code):
    refused = give(client, home, **given)

    assert (refused.status_code, refused.json["code"]) == (422, code)


def test_an_assignment_ends_and_another_is_first(client, home):
    give(client, home)
    rows = give(client, home, **OTHER).json["items"]
    first, second = (row["id"] for row in rows)

    taken = client.post(f"/v1/helper-assignments/{second}/first")
    assert [row["name"] for row in taken.json["items"]] == ["帮乙", "帮甲"]
    ended = client.post(f"/v1/helper-assignments/{second}/end", json={"reason": "调整分工"})

    assert [(row["name"], row["is_first"]) for row in ended.json["items"]] == [
        ("帮甲", True), ("帮乙", False),
    ]  # fmt: skip
    assert ended.json["items"][1]["end_reason"] == "调整分工"
    assert ended.json["items"][0]["id"] == first
    refused = client.post(f"/v1/helper-assignments/{second}/end", json={"reason": "调整分工"})
    assert refused.json["code"] == "helper-assignment-ended"


def test_a_household_names_its_helper_wherever_it_is_shown(client, home):
    give(client, home)

    [listed] = client.get("/v1/households").json["items"]
    [found] = client.post("/v1/households/search", json={"name": "张三"}).json["items"]
    shown = client.get(f"/v1/households/{home.id}").json["household"]

    assert [row["helper"] for row in (listed, found, shown)] == ["帮甲"] * 3


def test_a_helper_is_corrected_leaves_and_is_succeeded(session, client, home):
    alice = factories.make_account(session, Role.HELPER, region="210302000000")
    session.commit()
    [row] = give(client, home).json["items"]
    path = f"/v1/helpers/{row['helper_id']}"
    found = client.get(path).json
    sent = {"name": "帮甲", "unit": "另一单位", "phone": "13900000009", "username": alice.username}

    changed = client.put(path, json=sent | {"version": found["version"]}).json
    assert (changed["unit"], changed["phone"]) == ("另一单位", "139****0009")
    assert (changed["username"], changed["households"]) == (alice.username, 1)
    stale = client.put(path, json=sent | {"version": found["version"]})
    assert stale.json["code"] == "helper-changed"
    left = client.post(f"{path}/departure", json={"left_on": "2026-11-01", "reason": "调离"})
    assert left.json["left_on"] == "2026-11-01"
    moved = client.post(
        f"{path}/transfer", json=OTHER | {"notes": "重病，须每周联系", "reason": "调离"}
    ).json

    assert (moved["households"], moved["had_already"]) == (1, 0)
    [load] = client.get(f"/v1/helpers/{moved['helper_id']}/households").json["items"]
    assert (load["id"], load["notes"]) == (str(home.id), "重病，须每周联系")
    assert client.get(f"{path}/households").json["items"] == []


def test_coverage_is_told_by_region_with_the_list_behind_it(session, client, home):
    give(client, home)
    coverage.recount(session, now=START)
    session.commit()

    found = client.get("/v1/helper-coverage").json
    assert found["total"] | {"code": None} == {
        "code": None, "name": None, "in_aid": 1, "helped": 1, "unhelped": 0, "left": 0, "share": 1,
    }  # fmt: skip
    [row] = client.get("/v1/helper-coverage/households?state=helped").json["items"]
    assert [one["name"] for one in row["helpers"]] == ["帮甲"]
    assert client.get("/v1/helper-coverage/households?state=unhelped").json["items"] == []
    assert client.get("/v1/helper-coverage?region=999999999999").status_code == 404


@pytest.fixture
def two(spare_database_url):
    """A helped household in 铁东区, which housing aids too, and one in 铁西区."""
    engine = create_engine(normalise_url(spare_database_url))
    with Session(engine) as session, session.begin():
        who = factories.make_account(session, None).id
        for region, schemes in ((210302002001, ("S01", "S21")), (210303001001, ("S01",))):
            home = factories.make_household(session, cipher_with(), region=region, schemes=schemes)
            assignment(session, home.id, who)
        coverage.recount(session, now=START)
    engine.dispose()


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (Scope((subtree(210302000000),), None), 1),
        (Scope((subtree(210300000000),), None), 2),
        (Scope((subtree(210300000000),), "D04"), 1),
        (Scope((subtree(210303000000),), "D04"), 0),
        (Scope((), None), 0),
    ],
)
def test_the_database_shows_helpers_of_the_households_that_one_sees(
    spare_database_url, two, scope, seen
):
    engine = create_engine(
        normalise_url(accounts_on(spare_database_url)[DatabaseRole.WEB]), pool_size=1
    )
    token = viewer.current.set(Viewer(new_id(START), scope))
    with Session(engine) as session:
        for model in (Helper, HelperAssignment):
            assert session.scalar(select(func.count()).select_from(model)) == seen
        page = coverage.households(session, scope=scope, on=START.date(), limit=9)
        assert len(page.items) == seen
        assert coverage.coverage(session, scope=scope).total.helped == seen
        # Whoever asks for more than is theirs gets no more from the database either.
        wide = Scope((subtree(210300000000),), scope.department_code)
        assert len(coverage.households(session, scope=wide, on=START.date(), limit=9).items) == seen
    viewer.current.reset(token)
    engine.dispose()


def test_a_file_is_sent_and_told_of(app, session, client, home, clock):
    template = client.get("/v1/helper-files/template")
    assert template.mimetype == "text/csv"
    number = session.get_one(Household, home.id).number
    line = f"{number},,帮甲,某局,13900000001,2026-01-01,,,\n"
    file = (io.BytesIO(template.get_data() + line.encode()), "帮扶.csv")

    queued = client.post("/v1/helper-files", data={"file": file})
    assert (queued.status_code, queued.json["status"]) == (202, "waiting")
    worker.run_one(worker_of(app))

    found = client.get(f"/v1/helper-files/{queued.json['id']}").json
    assert (found["status"], found["received"], found["assigned"]) == ("done", 1, 1)
    assert found["rows"] == []
