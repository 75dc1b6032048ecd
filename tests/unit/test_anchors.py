"""The file of anchors: signed lines that name one another, also after a kill."""

import json
from datetime import timedelta

import pytest

from relief.integrations.anchors import FILE, AnchorBroken, FileAnchor
from tests.support.settings import START

KEY = b"a" * 32


@pytest.fixture
def anchor(tmp_path):
    made = FileAnchor(tmp_path / "anchors", KEY)
    for number in range(3):
        made.append(seq=number + 5, signature=f"{number:064x}", at=START + timedelta(hours=number))
    return made


def file_of(anchor):
    return anchor.folder / FILE


def test_what_was_written_is_read_again(anchor):
    assert [(one.number, one.seq) for one in anchor.entries()] == [(1, 5), (2, 6), (3, 7)]
    assert anchor.torn == 0


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_a_torn_last_line_is_recognised_and_the_next_goes_on(anchor, cut):
    whole = file_of(anchor).read_bytes()
    file_of(anchor).write_bytes(whole[:-cut])

    torn = list(anchor.entries())
    was_torn = anchor.torn
    anchor.append(seq=9, signature="f" * 64, at=START)
    after = [one.seq for one in anchor.entries()]

    complete = cut == 1  # only the end of the line is missing
    assert (len(torn), was_torn) == ((3, 0) if complete else (2, 1))
    assert after == ([5, 6, 7, 9] if complete else [5, 6, 9])
    assert anchor.torn == was_torn


def test_two_kills_in_a_row_are_one_torn_place(anchor):
    with file_of(anchor).open("ab") as file:
        file.write(b'{"num\n{"at')

    anchor.append(seq=9, signature="f" * 64, at=START)

    assert [one.seq for one in anchor.entries()] == [5, 6, 7, 9]
    assert anchor.torn == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [lines[0], lines[2]],
        lambda lines: [lines[1], lines[0], lines[2]],
        lambda lines: [lines[0], b"garbage", lines[2]],
        lambda lines: [lines[0].replace(b'"seq": 5', b'"seq": 6'), *lines[1:]],
        lambda lines: [b"[]", *lines],
    ],
    ids=["deleted", "reordered", "overwritten", "edited", "prefixed"],
)
def test_a_changed_line_is_named(anchor, change):
    lines = file_of(anchor).read_bytes().splitlines()
    file_of(anchor).write_bytes(b"\n".join(change(lines)) + b"\n")

    with pytest.raises(AnchorBroken, match=rf"{FILE}:\d"):
        list(anchor.entries())
    with pytest.raises(AnchorBroken):
        anchor.append(seq=9, signature="f" * 64, at=START)


def test_a_line_signed_with_another_key_does_not_count(anchor):
    other = FileAnchor(anchor.folder, b"b" * 32)

    assert list(other.entries()) == []
    assert other.torn == 1
    assert json.loads(file_of(anchor).read_bytes().splitlines()[0])["number"] == 1
