"""Procedures in the browser: drafted by one, signed by another, and nothing lost between two."""

import re
from datetime import timedelta

import pytest

from tests.console.test_cases import apply, desk, send
from tests.support.applicants import BORN
from tests.support.drafting import LATER, TODAY, publish, with_limit

__all__ = ["desk"]  # the fixture
PATH = "/procedures/W_STD20"
CHECKED = re.compile(r'type="checkbox" name="([^"]+)" value="([^"]+)" checked')
INPUT = re.compile(r'<input id="([^"]+)"[^>]*? value="([^"]*)"')
AREA = re.compile(r'<textarea id="([^"]+)"[^>]*>([^<]*)</textarea>')
SELECT = re.compile(r'<select id="([^"]+)".*?</select>', re.DOTALL)
CHOSEN = re.compile(r'<option value="([^"]*)" selected')
HIDDEN = re.compile(r'name="(version|once)" value="([^"]+)"')


@pytest.fixture
def editor(opened, system_admin):
    return opened(system_admin)


@pytest.fixture
def signer(opened, security_admin):
    return opened(security_admin)


@pytest.fixture
def draft(editor):
    """The address of a draft."""
    done = send(editor, PATH, f"{PATH}/drafts", on=TODAY.isoformat())
    assert done.status == 303, done.text
    return done.response.location


def filled(page):
    """What a browser would send of the one form of a page that nobody filled in."""
    form = dict(HIDDEN.findall(page.html)) | dict(INPUT.findall(page.html))
    form |= dict(AREA.findall(page.html))
    for select in SELECT.finditer(page.html):
        found = CHOSEN.search(select[0])
        form[select[1]] = found[1] if found else ""
    ticked = {}
    for name, value in CHECKED.findall(page.html):
        ticked.setdefault(name, []).append(value)
    return form | ticked


def edit(browser, path, **changed):
    """Open a form, change something in it, and save."""
    page = browser.get(path)
    assert page.status == 200, page.text
    return browser.post(path, filled(page) | changed)


def version(browser, draft):
    return dict(HIDDEN.findall(browser.get(draft).html))["version"]


def press(browser, draft, act, **form):
    return send(browser, draft, f"{draft}/{act}", version=version(browser, draft), **form)


def proposed(editor, draft):
    edit(editor, f"{draft}/stages/MATCH", limit="2")
    assert press(editor, draft, "proposal", valid_from=LATER.isoformat()).status == 303


def test_the_way_of_a_draft_in_the_browser(editor, signer, draft):
    page = editor.get(draft)
    assert set(page.fields) <= page.labelled | {"<input> without an id"}
    for words in ("没有问题", "没有差别", "身份与数据核对", "县级民政部门", "起草中"):
        assert words in page.text
    page = editor.get(f"{draft}/stages/MATCH")
    assert set(page.fields) <= page.labelled | {"<input> without an id"}

    saved = edit(editor, f"{draft}/stages/MATCH", limit="2", papers="身份证\n\n户口簿 ")

    page = editor.follow(saved)
    assert "环节已保存在草稿中" in page.text
    for words in ("与第 1 版的差别", "期限 3 2", "所需材料 （无） 身份证、户口簿"):
        assert words in page.text
    assert press(editor, draft, "proposal", valid_from=LATER.isoformat()).status == 303
    assert "须由另一人签署" in editor.get(draft).text

    seen = signer.get(draft)
    [digest] = re.findall(r'name="digest" value="([0-9a-f]{64})"', seen.html)
    done = press(signer, draft, "publication", digest=digest)

    assert done.status == 303, done.text
    assert "签署，发布为" in signer.get(draft).text
    page = signer.get(PATH)
    for words in ("第 2 版", "未施行", "System_Admin", "Security_Admin", "控制台发布", "种子文件"):
        assert words in page.text
    page = signer.get(f"{PATH}/versions/2")
    assert digest in page.text
    assert "与第 1 版的差别" in page.text
    assert "第 1 版" in signer.get("/procedures").text


def test_two_who_edit_the_same_stage_lose_nothing(editor, opened, draft, session):
    other = opened("system_admin")
    path = f"{draft}/stages/MATCH"
    mine = filled(editor.get(path)) | {"limit": "1", "note": "本市办法第八条"}
    edit(other, path, limit="2")

    late = editor.post(path, mine)

    assert late.status == 409
    for words in (
        "您的修改没有保存",
        "与最新草稿的差别",
        "期限 2 1",
        "说明和依据 （无） 本市办法第八条",
    ):
        assert words in late.text
    kept = filled(late)
    assert (kept["limit"], kept["note"]) == ("1", "本市办法第八条")
    assert filled(editor.get(path))["limit"] == "2"

    assert editor.post(path, kept | {"limit": "2"}).status == 303

    after = filled(editor.get(path))
    assert (after["limit"], after["note"]) == ("2", "本市办法第八条")


def test_the_whole_is_edited_beside_another(editor, opened, draft):
    other = opened("system_admin")
    path = f"{draft}/head"
    mine = filled(editor.get(path)) | {"extended_limit": "30", "legal": "本市救助办法"}
    edit(other, f"{draft}/stages/MATCH", limit="2")

    late = editor.post(path, mine)

    assert late.status == 409
    assert "经批准可延长至 （无） 30" in late.text
    assert editor.post(path, filled(late)).status == 303
    page = editor.get(draft)
    assert "经批准可延长至 （无） 30" in page.text
    assert "期限 3 2" in page.text


def test_a_total_is_taken_away(editor, draft):
    assert edit(editor, f"{draft}/head", total_limit="").status == 303

    page = editor.get(draft)

    assert "总时限 20 （无）" in page.text
    assert "总时限起算 受理 （无）" in page.text


def test_joint_departments_are_ticked_and_the_lead_is_missed(editor, opened, draft):
    path = f"{draft}/joint"
    form = filled(editor.get(path))
    assert form["joint-S11"] == ["D01", "D05", "D06"]
    edit(opened("system_admin"), f"{draft}/stages/MATCH", limit="2")

    late = editor.post(path, form | {"joint-S11": ["D05", "D13"]})
    assert late.status == 409
    assert "最新草稿：民政局、人力资源和社会保障局、卫生健康委员会" in late.text
    assert editor.post(path, filled(late)).status == 303

    page = editor.get(draft)
    for words in (
        "减少 民政局、卫生健康委员会",
        "增加 残疾人联合会",
        "主办部门 D01 不在联审部门中",
        "主办部门参加联审",
        "流程检查没有通过，还不能提交",
    ):
        assert words in page.text


def test_stages_are_added_moved_and_removed(editor, draft):
    done = edit(
        editor, f"{draft}/stages/new", code="LOOK", name="入户查看", kind="survey",
        owner="township", limit="2", starts_from="accept",
    )  # fmt: skip
    assert done.status == 303, done.text
    assert "没有等环节 LOOK 入户查看" in editor.get(draft).text
    assert press(editor, draft, "stages/LOOK/move", way="earlier").status == 303
    page = editor.get(draft)
    assert page.text.index("入户查看 LOOK") < page.text.index("告知 NOTICE")

    assert press(editor, draft, "stages/LOOK/remove").status == 303

    assert "没有差别" in editor.get(draft).text
    assert editor.get(f"{draft}/stages/LOOK").status == 404


def test_a_form_that_nobody_filled_in_changes_nothing(editor):
    done = send(editor, "/procedures/W_ZF", "/procedures/W_ZF/drafts", on=TODAY.isoformat())
    draft = done.response.location

    assert edit(editor, f"{draft}/stages/ACCEPT").status == 303

    assert "没有差别" in editor.get(draft).text
    assert version(editor, draft) == "1"


@pytest.mark.parametrize(
    ("path", "changed", "says"),
    [
        ("stages/MATCH", {"limit": "三"}, "期限须是 0 至 9999 的整数"),
        ("stages/MATCH", {"name": ""}, "环节名称须填写"),
        ("stages/MATCH", {"code": "JOINT"}, "环节代码 JOINT 重复"),
        ("stages/MATCH", {"kind": "feast"}, "请选择环节种类和期限的单位"),
        ("stages/new", {"code": "lower", "name": "查看", "limit": "1"}, "以大写字母开头"),
        ("head", {"total_limit": "x"}, "总时限须是 0 至 9999 的整数"),
        ("head", {"total_day_type": "moon"}, "请选择总时限的单位"),
        ("head", {"total_from": ""}, "总时限的天数、单位和起算须一并填写"),
    ],
)
def test_what_is_wrong_is_said_above_the_form(editor, draft, path, changed, says):
    answer = edit(editor, f"{draft}/{path}", **changed)

    assert answer.status == 422
    assert says in answer.text
    assert "没有差别" in editor.get(draft).text


def test_a_wrong_value_that_meets_another_edit_is_told_of_the_edit(editor, opened, draft):
    path = f"{draft}/stages/MATCH"
    mine = filled(editor.get(path)) | {"limit": "三"}
    edit(opened("system_admin"), path, limit="2")

    late = editor.post(path, mine)

    assert (late.status, filled(late)["limit"]) == (409, "三")


def test_a_form_without_its_version_is_not_taken(editor, draft):
    path = f"{draft}/stages/MATCH"
    form = filled(editor.get(path))

    for wrong in ("", "x", "9" * 10):
        assert editor.post(path, form | {"version": wrong}).status == 400


def test_a_date_is_asked_for_and_is_not_in_the_past(editor, draft):
    edit(editor, f"{draft}/stages/MATCH", limit="2")
    yesterday = (TODAY - timedelta(days=1)).isoformat()

    for day, says in (("", "请填写施行日期"), (yesterday, "施行日期不能早于今天")):
        answer = press(editor, draft, "proposal", valid_from=day)
        assert (answer.status, says in answer.text) == (422, True)


def test_it_is_sent_back_with_a_reason(editor, signer, draft):
    proposed(editor, draft)
    assert press(signer, draft, "return", reason=" ").status == 422

    assert press(signer, draft, "return", reason="期限太短").status == 303

    assert "已退回：期限太短" in editor.get(draft).text
    assert edit(editor, f"{draft}/stages/MATCH", limit="3").status == 303


def test_what_waits_for_a_signature_is_not_edited(editor, draft):
    form = filled(editor.get(f"{draft}/stages/MATCH"))
    proposed(editor, draft)

    late = editor.post(
        f"{draft}/stages/MATCH", form | {"version": version(editor, draft), "limit": "1"}
    )

    assert (late.status, "退回之后才能修改" in late.text) == (409, True)


def test_a_draft_is_thrown_away_and_stays_readable(editor, draft):
    assert press(editor, draft, "discard").status == 303

    page = editor.get(draft)
    assert "已作废" in page.text
    assert "作废这份草稿" not in page.text
    assert "已作废" in editor.get(PATH).text


def test_a_second_draft_leads_back_to_the_first(editor, opened, draft, system_admin):
    key = editor.get("/procedures/W_FY").once

    done = editor.post(f"{PATH}/drafts", {"once": key, "on": TODAY.isoformat()})

    assert "已有一份未发布的草稿" in editor.follow(done).text
    assert draft in editor.get(PATH).links


def test_the_menu_marks_one_part(editor, draft):
    for path in ("/procedures", PATH, draft, f"{draft}/head"):
        assert editor.get(path).html.count('aria-current="page"') == (
            1 if path == "/procedures" else 2
        )


def test_the_trail_names_what_was_done(editor, opened, draft, audit_admin):
    edit(editor, f"{draft}/stages/MATCH", limit="2")

    trail = opened(audit_admin).get("/audit?subject_type=procedure_draft").text

    for words in ("起草办理流程", "修改流程草稿", "办理流程草稿"):
        assert words in trail


def test_who_accepts_sees_what_is_needed(office, session, desk):
    publish(session, change=with_limit("ACCEPT", 1, papers=("身份证", "户口簿")), valid_from=TODAY)
    session.commit()

    case = apply(desk, office.household(born_on=BORN["S11"]), "S11")

    assert "所需材料：身份证、户口簿" in desk("D01", "reviewer").get(case).text
