"""Three schemes in Chromium itself, on a server, from the application to the decision.

What is typed, chosen and pressed is done in the page, so a form that a browser keeps back, a field
that nobody can reach and a script that the content policy blocks are found. Where there is no
Chromium these are left out, and tests/console/test_cases.py goes the same way through the same
forms, read from the page as it is sent.
"""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from relief.core.config import normalise_url
from tests.api.test_cases_api import WAYS
from tests.support import chromium
from tests.support.applicants import BORN
from tests.support.chromium import Chromium
from tests.support.review import Office
from tests.support.settings import FakeClock

pytestmark = [
    pytest.mark.skipif(chromium.PATH is None, reason=chromium.MISSING),
    pytest.mark.timeout(600),
]
REASON = "家庭人均收入低于标准，财产符合规定"


@pytest.fixture
def office(spare_app, spare_database_url) -> Iterator[Office]:
    """The staff, on a database to which all commit."""
    clock = FakeClock()
    spare_app.extensions["relief.clock"] = clock
    engine = create_engine(normalise_url(spare_database_url))
    with Session(engine, expire_on_commit=False) as session:
        yield Office(spare_app, session, clock)
    engine.dispose()


@pytest.fixture
def browser(office, tmp_path) -> Iterator[Chromium]:
    """Chromium, before a server of its own; nothing may be complained of in its console."""
    server = make_server("127.0.0.1", 0, office.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with Chromium(tmp_path, f"http://127.0.0.1:{server.server_port}") as opened:
            yield opened
        assert opened.faults == []
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def be(browser: Chromium, office: Office, stage: dict[str, str]) -> None:
    """Be somebody for whom a stage waits, and come from the list of what waits."""
    browser.sign_in(office.cookie(stage["department_code"], stage["role"]))
    browser.open("/cases/my-turn")
    assert "王小明" in browser.text


def go_on(browser: Chromium, office: Office, case: str) -> dict[str, str]:
    """End every stage before the decision in the browser; return the stage of the decision."""
    while True:
        stages = office.show(case.rpartition("/")[2])["stages"]
        open_stages = [one for one in stages if one["status"] == "open"]
        waiting = [one for one in open_stages if one["kind"] != "confirmation"]
        if not waiting:
            [last] = open_stages
            return last
        for stage in waiting:
            if stage["waits_for"]:
                continue
            if stage["survey_by"]:
                office.survey(case.rpartition("/")[2])
            be(browser, office, stage)
            browser.open(case)
            if stage["kind"] == "public_notice":
                assert f"公示至 {stage['hangs_until']} 24 时止" in browser.text
                office.clock.advance(days=8)
                be(browser, office, stage)
                browser.open(case)
            form = f"{case}/stages/{stage['code']}"
            asked = stage["kind"] not in {"acceptance", "public_notice"}
            browser.press(form, **({"outcome": "passed"} if asked else {}))
            assert browser.path == case


@pytest.mark.parametrize(
    ("scheme", "way"), [("S01", "W_DB30"), ("S03", "W_QUICK"), ("S08", "W_CHILD")]
)
def test_from_the_application_to_the_decision(office, browser, scheme, way):
    home = office.household(name="王小明", born_on=BORN.get(scheme, BORN[""]))
    browser.sign_in(office.cookie("D01", "clerk"))
    path = f"/persons/{home.person_id}/apply"
    browser.open(path)
    who = {"signed": str(home.person_id), "signed_on": "2026-11-23"}
    departs = {"departs": "规则没有涵盖的情形"}
    if scheme == "S08":
        who = departs = {}  # of a child alone nobody is asked to sign, and no rule makes its sum
    browser.press(path, scheme=scheme, need="家庭困难", **who)
    case = browser.path
    assert "已提交申请" in browser.text

    be(browser, office, go_on(browser, office, case))
    browser.open(case)
    browser.press(
        f"{case}/decision", granted="granted", amount="564.5", reason=REASON, **departs
    )  # fmt: skip

    assert browser.path == case
    for words in ("已作出决定", "已决定", "同意救助", "564.50 元", REASON, "救助决定书（PDF）"):
        assert words in browser.text
    by_hand, _, decided = WAYS[way]
    names = {one["code"]: one["name"] for one in office.show(case.rpartition("/")[2])["stages"]}
    # Of a notice, after the day until which it hangs.
    days = {row[0]: row[4].rpartition("办结至")[2] for row in browser.rows("stages")}
    shown = {stage: of_stage.split()[0] for stage, of_stage in days.items()}
    assert shown == {names[code]: f"2026-{day}" for code, day in by_hand.items()}
    assert any(row[0].startswith(decided) and "决定" in row[1] for row in browser.rows("timeline"))
