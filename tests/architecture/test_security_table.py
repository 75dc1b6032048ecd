"""Each line of docs/security.md names tests, and each of those exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`(tests/[a-z_/]+\.py)?::(test_\w+)`")


def test_every_line_names_a_test_that_exists():
    missing = []
    for line in (ROOT / "docs" / "security.md").read_text("utf-8").splitlines():
        if not line.startswith("| ") or line.startswith("| threat"):
            continue
        named = NAMED.findall(line)
        if not named:
            missing.append(line)
        file = ""
        for path, name in named:
            file = path or file
            if f"def {name}(" not in (ROOT / file).read_text("utf-8"):
                missing.append(f"{file}::{name}")
    assert missing == []


def test_a_test_that_does_not_exist_is_seen():
    assert NAMED.findall("`tests/a/test_b.py::test_c`, `::test_d`") == [
        ("tests/a/test_b.py", "test_c"),
        ("", "test_d"),
    ]
