"""What an auditor's pages show of lists that others signed, and a case's of its waits."""

import pytest

from relief.console.labels import LABELS
from relief.review.lists.types import Reason
from relief.tasks import worker
from relief.wiring import worker_of
from tests.api.test_decision_lists_api import DRAW, waiting
from tests.console.test_cases import desk  # noqa: F401  # a fixture


@pytest.fixture
def auditor(desk):  # noqa: F811  # the fixture
    return lambda: desk("D01", "auditor")


def test_an_auditor_reads_who_signed_what(office, auditor):
    [(case, _)] = waiting(office)
    assert "没有按清单审批的申请" in auditor().get("/signed-lists").text
    client = office.client("D01", "approver")
    drawn = client.post("/v1/decision-lists", json=DRAW).json
    signing = f"/v1/decision-lists/{drawn['id']}/sign"
    assert client.post(signing, json={"digest": drawn["digest"]}).status_code == 202
    assert worker.run_one(worker_of(office.app))

    listed = auditor().get("/signed-lists")
    shown = auditor().get(f"/signed-lists/{drawn['id']}?status=decided")

    assert f'href="/signed-lists/{drawn["id"]}"' in listed.html
    for words in ("测试人员", "已办完", "已同意救助 1 件", "90.00", "张三", drawn["digest"]):
        assert words in shown.text
    assert f'href="/cases/{case}"' in shown.html
    assert "没有这样的申请" in auditor().get(f"/signed-lists/{drawn['id']}?status=left_out").text
    assert auditor().get(f"/signed-lists/{drawn['id']}?status=never").status == 400


def test_every_reason_has_words_for_who_did_not_sign():
    assert LABELS["entry_reason_told"].keys() == {one.value for one in Reason}
    assert not any("您" in words for words in LABELS["entry_reason_told"].values())


def test_a_case_shows_how_long_its_clock_has_stood(office, desk):  # noqa: F811  # the fixture
    case = office.apply("S01")["case"]["id"]
    office.end(case, office.show(case)["stages"][0])
    office.client("D01", "clerk").post(f"/v1/cases/{case}/pause", json={"missing": "收入证明"})
    office.later(7)

    page = desk("D01", "clerk").get(f"/cases/{case}")

    assert "因“等待申请人补充材料”已累计暂停 7 天，最多 60 天（依据：平台规则" in page.text
