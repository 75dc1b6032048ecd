"""Logs: one JSON object a line, and nothing personal from an exception."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from relief.core import logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure("test", stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def test_a_line_is_an_object_with_the_facts_and_the_request(stream):
    token = logs.request_id.set("abcdefgh")

    logging.getLogger("relief.x").info("batch loaded", extra={"batch_id": 7})

    logs.request_id.reset(token)
    line = json.loads(stream.getvalue())
    assert line["message"] == "batch loaded"
    assert line["batch_id"] == 7
    assert line["request_id"] == "abcdefgh"
    assert (line["process"], line["level"]) == ("test", "info")


def test_an_exception_is_told_without_its_words(stream):
    try:
        raise ValueError("张三 210302199001011234")  # noqa: TRY301
    except ValueError:
        logging.getLogger("relief.x").exception("failed")

    line = json.loads(stream.getvalue())
    assert line["exception"] == "ValueError"
    assert "test_logs.py" in line["trace"][0]
    assert "张三" not in stream.getvalue()
