"""Pages on which an office is watched: papers it may not ask for, objections to fast aid."""

import pytest

from tests.api.test_held_papers import WHY
from tests.api.test_held_papers import case as held_case
from tests.api.test_second_objections import OBJECTED, on_duty, sign
from tests.api.test_second_objections import case as fast_case
from tests.console.test_cases import desk, send

__all__ = ["desk", "fast_case", "held_case", "on_duty"]


def test_the_page_says_where_it_is_known_and_takes_a_reason(desk, held_case):
    case = f"/cases/{held_case}"

    refused = send(desk(), case, f"{case}/return", missing="残疾人证复印件")

    assert refused.status == 409
    assert "系统已有：“残疾生活补贴”名册" in refused.text
    assert "社会救助法第六十二条" in refused.text
    assert "仍须提供的理由" in refused.text
    assert "残疾人证复印件" in refused.html

    again = send(desk(), case, f"{case}/return", missing="残疾人证复印件", nonetheless=WHY)
    assert again.status == 303
    page = desk().get(case).text
    assert "A26 重复索要材料" in page
    assert WHY in page


@pytest.mark.parametrize(("role", "path"), [("clerk", "/cases/my-turn"), ("leader", "/cases")])
def test_an_objection_stands_in_the_lists_of_who_granted_and_of_the_county(
    office, desk, on_duty, fast_case, role, path
):
    assert "先行救助的异议" not in desk("D01", role).get(path).text

    sign(office, fast_case, **OBJECTED)

    page = desk("D01", role).get(path).text
    assert "先行救助的异议" in page
    assert "金额偏高，须说明" in page
    assert ("由我决定" in page) == (role == "clerk")
