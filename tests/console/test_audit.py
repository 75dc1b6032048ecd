"""The audit pages: search, one record's history, who looked at a person, and the sealing."""

import ast
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import relief
from relief.accounts.types import Role
from relief.audit import anchoring, checks, grounds, sealing
from relief.audit import service as audit
from relief.audit.models import AuditEvent, GroundKind, RowVersion
from relief.audit.seal_keys import SealKeys
from relief.audit.verifying import Fault
from relief.bindings import sign_in as mini_program
from relief.console.audit import words
from relief.console.labels import LABELS
from relief.core.config import SealSettings
from relief.core.ids import new_id
from relief.core.privacy.cipher import Cipher
from relief.registry.models import Person as RegistryPerson
from relief.registry.types import BatchStatus
from tests import factories
from tests.console.conftest import Browser
from tests.support.people import TIEXI, Person
from tests.support.settings import START

Opened = Callable[[Person | str], Browser]
ACTION = re.compile(r"[a-z_]+:[a-z_]+")


@pytest.fixture
def home(session: Session, cipher: Cipher) -> factories.Home:
    home = factories.make_household(session, cipher, schemes=["S01", "S21"])
    factories.make_account(session, Role.AUDITOR, region=TIEXI, username="west-auditor")
    session.commit()
    return home


@pytest.fixture
def seen(home: factories.Home, alice: Person, opened: Opened, session: Session) -> Browser:
    """Alice has looked at the household, at the person, and at the person's numbers."""
    grounds.open_ground(
        session, kind=GroundKind.CASE, reference="case-1", person_id=home.person_id,
        purpose="受理申请", actor_id=None, now=START,
    )  # fmt: skip
    session.commit()
    browser = opened(alice)
    browser.get(f"/households/{home.id}")
    browser.get(f"/persons/{home.person_id}")
    browser.post(
        f"/persons/{home.person_id}/whole", {"purpose": "recheck", "remark": "第四季度复核"}
    )
    return browser


def test_who_looked_at_a_person_is_told_with_ground_and_purpose(
    seen: Browser, home: factories.Home, auditor: Person, opened: Opened
):
    page = opened(auditor).get(f"/audit/persons/{home.person_id}/lookers")

    for word in ("Alice", "查看困难户", "查看人员完整信息", "目的：定期复核", "备注：第四季度复核",
                 "有效事由 1 项", "查看项：身份证号", "铁东区"):  # fmt: skip
        assert word in page.text
    assert home.citizen_id not in page.html
    assert set(page.fields) <= page.labelled


def test_the_page_of_a_person_leads_auditors_to_the_lookers(
    home: factories.Home, auditor: Person, alice: Person, opened: Opened
):
    for path, link in (
        (f"/persons/{home.person_id}", f"/audit/persons/{home.person_id}/lookers"),
        (f"/households/{home.id}", f"/audit/households/{home.id}"),
    ):
        assert link in opened(auditor).get(path).links
        assert link not in opened(alice).get(path).links


def test_one_records_history_has_events_and_changes_in_words(
    seen: Browser, home: factories.Home, auditor: Person, opened: Opened, session: Session
):
    audit.attribute(session, actor_id=None, reason="test", now=START)
    person = session.get(RegistryPerson, home.person_id)
    assert person is not None
    person.name = "张改名"
    session.commit()
    browser = opened(auditor)

    person_page = browser.get(f"/audit/persons/{home.person_id}")
    household_page = browser.get(f"/audit/households/{home.id}")

    assert "姓名由“张三”改为“张改名”" in person_page.text
    assert "姓名由“张三”改为“张改名”" in household_page.text
    assert "查看困难户" in household_page.text


def test_the_audit_administrator_sees_the_events_and_no_personal_data(
    seen: Browser, home: factories.Home, audit_admin: Person, opened: Opened
):
    page = opened(audit_admin).get(f"/audit/persons/{home.person_id}")

    assert "查看人员完整信息" in page.text
    assert "登记信息的变化" not in page.text
    assert "张三" not in page.text


def test_the_trail_of_someone_merged_away_is_still_read_by_the_whole_city(
    home: factories.Home, session: Session, auditor: Person, opened: Opened
):
    gone = new_id(START)
    session.add(RowVersion(table_name="person", row_id=gone, op="D", changed_at=START))
    session.commit()

    assert opened(auditor).get(f"/audit/persons/{gone}").status == 200
    assert opened("west-auditor").get(f"/audit/persons/{gone}").status == 404


def test_reading_the_trail_of_a_person_is_recorded(
    home: factories.Home, auditor: Person, opened: Opened, session: Session
):
    browser = opened(auditor)

    browser.get(f"/audit/persons/{home.person_id}")
    browser.get(f"/audit/persons/{home.person_id}/lookers")

    actions = session.scalars(
        select(AuditEvent.action)
        .where(AuditEvent.subject_id == home.person_id, AuditEvent.actor_id == auditor.id)
        .order_by(AuditEvent.id)
    ).all()
    assert sorted(actions) == ["person:history_viewed", "person:lookers_viewed"]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("actor=alice&subject_type=household", "found"),
        ("actor=bob", "nothing"),
        ("actor=nobody", "nothing"),
        ("action=household:viewed", "found"),
        ("action=account:disabled", "nothing"),
        ("action=household:viewed&since=2026-11-23&until=2026-11-23", "found"),
        ("action=household:viewed&since=2026-11-24", "nothing"),
        ("action=household:viewed&until=2026-11-22", "nothing"),
    ],
)
def test_the_trail_is_searched(
    seen: Browser, auditor: Person, opened: Opened, query: str, wanted: str
):
    page = opened(auditor).get(f"/audit?{query}")

    assert page.status == 200
    rows = page.html.partition("<tbody>")[2]
    assert ("查看困难户" in rows) == (wanted == "found")
    assert ("没有符合条件的记录" in page.text) == (wanted == "nothing")
    assert set(page.fields) <= page.labelled


def test_a_search_that_is_not_understood_says_so(auditor: Person, opened: Opened):
    page = opened(auditor).get("/audit?since=yesterday&subject_id=12")

    assert "日期应为 2026-11-23 这样的形式。" in page.text
    assert "记录编号不完整。" in page.text


def test_an_auditor_of_one_county_finds_nothing_of_another(
    seen: Browser, home: factories.Home, opened: Opened
):
    browser = opened("west-auditor")

    page = browser.get("/audit")

    assert "没有符合条件的记录" in page.text
    assert "您所负责区划内" in page.text
    assert browser.get(f"/audit/households/{home.id}").status == 404


def test_the_history_of_an_account_is_told(alice: Person, opened: Opened, auditor: Person):
    opened(alice)

    page = opened(auditor).get(f"/audit/accounts/{alice.id}")

    assert "账号“alice”的记录" in page.text
    assert "登录" in page.text
    assert "/audit?actor=alice" in page.links


def test_the_state_of_the_sealing_is_told(
    auditor: Person, opened: Opened, session: Session, tmp_path: Path
):
    browser = opened(auditor)
    before = browser.get("/audit/state")
    settings = SealSettings(key=b"s" * 32, anchor_dir=tmp_path)
    sealing.seal(session, keys=SealKeys.of(settings.key), now=START + timedelta(hours=2))
    anchoring.anchor_newest(session, anchor=checks.anchor_of(settings), now=START)
    checks.verify_and_record(session, settings=settings, now=START)
    session.commit()

    after = browser.get("/audit/state")

    for word in ("还没有封存", "还没有存证", "还没有校验"):
        assert word in before.text
    assert "2026-11-23 11:00" in after.text
    assert re.search(r"完好|有问题", after.text)


def test_a_check_that_failed_is_told_in_words(auditor: Person, opened: Opened, session: Session):
    finding = {"fault": "edited", "seq": 3, "position": 4, "event_id": None, "anchor": None}
    audit.record(
        session, checks.CHECKED, subject_type="audit_trail", subject_id=audit.NOBODY,
        actor_id=None, now=START, details={"whole": False, "finding": finding},
    )  # fmt: skip
    session.commit()
    browser = opened(auditor)

    for path in ("/audit/state", "/audit?action=audit_trail:checked"):
        assert "事件内容被修改（封存 3，第 5 条）" in browser.get(path).text


def recorded_actions() -> set[str]:
    """Return every action that stands in our code as `subject:verb`."""
    found = {f"import_batch:{status.value}" for status in BatchStatus}
    for path in Path(relief.__file__).parent.rglob("*.py"):
        if path.name == "labels.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {node.value} if ACTION.fullmatch(node.value) else set()
    for subject, verb in (("household", "viewed"), ("household", "history_viewed"),
                          ("person", "history_viewed")):  # fmt: skip
        found.add(f"{subject}:{verb}")
    return found


def test_every_action_has_a_chinese_name():
    assert recorded_actions() - set(LABELS["action"]) == set()


def test_every_fault_has_chinese_words():
    for fault in Fault:
        told = words.finding({"fault": fault.value})
        assert told is not None
        assert not told.isascii()


def test_an_account_of_the_mini_program_is_not_taken_for_one_that_was_deleted(
    session: Session, cipher: Cipher, auditor: Person, opened: Opened
):
    opened_session = mini_program.sign_in(
        session, openid="o-somebody", session_key="key", cipher=cipher, now=START
    )
    for actor_id in (opened_session.account_id, new_id(START)):
        audit.record(
            session, "case:withdrawn", subject_type="case", subject_id=new_id(START),
            actor_id=actor_id, now=START,
        )  # fmt: skip
    session.commit()
    browser = opened(auditor)

    signing_in = browser.get("/audit?action=mini_account:signed_in").html.partition("<tbody>")[2]
    cases = browser.get("/audit?action=case:withdrawn").html.partition("<tbody>")[2]

    assert words.MINI_USER in signing_in
    assert words.GONE not in signing_in
    assert (cases.count(words.MINI_USER), cases.count(words.GONE)) == (1, 1)


def test_a_grant_says_what_was_given_and_to_whom(
    session: Session, auditor: Person, alice: Person, opened: Opened
):
    for action, details in (
        ("role_granted", {"role": "approver"}),
        ("region_granted", {"region": "210302000000"}),
    ):
        audit.record(
            session, f"account:{action}", subject_type="account", subject_id=alice.id,
            actor_id=None, now=START, details=details,
        )  # fmt: skip
    session.commit()

    page = opened(auditor).get("/audit?subject_type=account")

    assert "账号 Alice" in page.text
    assert "角色：审批人" in page.text
    assert "区划代码：210302000000" in page.text
