"""Who listens to a recording may jump in it."""

import pytest

from tests.api.test_changes import done
from tests.api.test_enclosures import FIRST, case, home, put
from tests.support.sounds import sound

__all__ = ["case", "home"]  # the fixtures


@pytest.fixture
def fetch(office, case):
    done(put(office, case, sound("mp3", 3)))
    client = office.client("D01", "clerk")

    def get(method="GET", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        path = f"/v1/cases/{case}/enclosures/{FIRST}/content"
        return client.open(path, method=method, headers=named)

    return get


@pytest.fixture
def whole(fetch):
    answer = fetch()
    assert (answer.status_code, answer.headers["Accept-Ranges"]) == (200, "bytes")
    return answer.data


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=100-100", 100, 100),
        ("bytes=500-", 500, None),
        ("bytes=-200", -200, None),
        ("bytes=10-99999999", 10, None),
        ("bytes=-99999999", 0, None),  # more than there is, from the end
    ],
)
def test_a_part_is_sent_as_a_part(fetch, whole, asked, first, last):
    answer = fetch(Range=asked)

    size = len(whole)
    start = first % size
    stop = size if last is None else last + 1
    assert (answer.status_code, answer.data) == (206, whole[start:stop])
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{size}"
    assert answer.content_length == stop - start
    assert answer.mimetype == "audio/mpeg"


def test_a_part_that_does_not_exist_is_refused_with_the_size(fetch, whole):
    answer = fetch(Range=f"bytes={len(whole)}-")

    assert (answer.status_code, answer.mimetype) == (416, "application/problem+json")
    assert answer.headers["Content-Range"] == f"bytes */{len(whole)}"


def test_a_part_of_another_version_is_the_whole(office, case, fetch, whole):
    digest = office.show(case)["enclosures"][0]["sha256"]

    assert fetch(Range="bytes=0-9", If_Range=f'"{digest}"').status_code == 206
    for other in ('"other"', f'W/"{digest}"', "Mon, 23 Nov 2026 01:00:00 GMT"):
        answer = fetch(Range="bytes=0-9", If_Range=other)
        assert (answer.status_code, answer.data) == (200, whole)
    assert fetch().headers["ETag"] == f'"{digest}"'


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=0-9", "bytes=9-1", "nonsense"])
def test_what_no_player_asks_for_is_answered_with_the_whole(fetch, whole, asked):
    answer = fetch(Range=asked)

    assert (answer.status_code, answer.data) == (200, whole)


def test_a_head_has_no_part(fetch, whole):
    answer = fetch("HEAD", Range="bytes=0-9")

    assert (answer.status_code, answer.content_length) == (200, len(whole))
