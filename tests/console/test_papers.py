"""Papers on the page of a case, and the public page that checks one."""

import re

from tests.console.test_cases import apply, desk, send  # noqa: F401  # a fixture

CODE = re.compile(r'<td class="number nowrap">([2-9A-Z]{12})</td>')


def accepted(office, desk):  # noqa: F811  # the fixture's value
    case = apply(desk, office.household(name="王小明"), "S03")
    assert send(desk(), case, f"{case}/stages/REGISTER", outcome="passed").status == 303
    return case, desk().get(case)


def test_the_page_of_a_case_leads_to_its_papers(office, desk):  # noqa: F811
    _, page = accepted(office, desk)

    assert "受理通知书（PDF）" in page.text
    [link] = [one for one in page.links if "/papers/" in one]
    shown = desk().client.get(link)
    assert (shown.status_code, shown.mimetype) == (200, "application/pdf")


def test_anyone_checks_a_paper_without_signing_in(office, desk, client):  # noqa: F811
    case, page = accepted(office, desk)
    number = f"{office.show(case.rpartition('/')[2])['case']['number']}S"
    [code] = CODE.findall(page.html)

    form = client.get("/check").text
    good = client.get("/check", query_string={"number": number, "code": code}).text
    bad = client.get("/check", query_string={"number": number, "code": "X" * 12}).text

    assert "没有查到" not in form
    assert "文书有效" not in form
    assert f"文书有效：受理通知书，编号 {number}，由铁东区民政局于" in good
    assert "没有查到这份文书" in bad
    assert "王小明" not in form + good + bad
