"""How two versions of an article differ: soon told, whatever they say."""

import time
import uuid
from dataclasses import replace

import pytest

from relief.news.content import Line, changed, difference
from tests.support.news import CONTENT

NOBODY = ((), ())
SOON = 2.0  # seconds; to look for lines that are like took minutes


def lines_of(before, after):
    versions = (replace(CONTENT, body="\n".join(body)) for body in (before, after))
    return list(difference(*versions, files=NOBODY).lines)


def test_lines_that_are_the_same_stay_and_the_others_go_and_come():
    assert lines_of(["甲", "乙", "丙"], ["甲", "丁", "丙", "戊"]) == [
        Line("", "甲"), Line("-", "乙"), Line("+", "丁"), Line("", "丙"), Line("+", "戊"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # All alike and none the same.
        (
            [f"第{number}条 每人每月发放八百七十元，由街道办事处受理" for number in range(400)],
            [f"第{number}款 每人每月发放九百元，由街道办事处受理" for number in range(400)],
        ),
        # As many lines as there is room for, the same ones in another order.
        (
            [chr(0x4E00 + number % 101) for number in range(10_000)],
            [chr(0x4E00 + (100 - number) % 101) for number in range(10_000)],
        ),
    ],
)
def test_two_long_texts_are_soon_compared(before, after):
    begun = time.monotonic()

    told = lines_of(before, after)

    assert time.monotonic() - begun < SOON
    for mark, whole in (("-", before), ("+", after)):
        assert [one.words for one in told if one.mark == mark] == whole


def test_what_changed_is_told_by_the_names_of_the_fields():
    other = replace(CONTENT, title="别的", body="别的")

    assert changed(CONTENT, CONTENT) == []
    assert changed(CONTENT, other) == ["title", "body"]
    assert difference(CONTENT, CONTENT, files=NOBODY).empty


def test_a_file_that_was_exchanged_is_a_difference():
    first, second, kept = (uuid.UUID(int=number) for number in range(3))

    told = difference(
        CONTENT, CONTENT, files=([("流程", first), ("表", kept)], [("流程", second), ("表", kept)])
    )

    assert (told.files_gone, told.files_new, told.empty) == (["流程"], ["流程"], False)
