"""Habits that matter are failing tests."""

import re
import subprocess
from datetime import date
from pathlib import Path

from alembic.script import ScriptDirectory

from relief.core import citizen_id
from tests.support import check_lock, check_migrations, openapi

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 400
CODE = {".py", ".html", ".js", ".css", ".sh"}
LONG_BY_NATURE = ("migrations/versions/", "relief/console/static/vendor/")
DIGITS = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])")


def files() -> list[Path]:
    """Every file that is, or is about to be, under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_no_file_is_longer_than_a_reader_can_hold():
    long = {
        str(path.relative_to(ROOT)): count
        for path in files()
        if path.suffix in CODE
        and not str(path.relative_to(ROOT)).startswith(LONG_BY_NATURE)
        and (count := len(path.read_text("utf-8").splitlines())) > MOST_LINES
    }

    assert long == {}


def test_no_file_holds_an_identity_number():
    # Invented numbers come from the generator, when it runs; a real one must never be here.
    held = [
        path.relative_to(ROOT)
        for path in files()
        if path.suffix in {".csv", ".yml", ".yaml", ".json", ".md"}
        for number in DIGITS.findall(path.read_text("utf-8"))
        if citizen_id.parse(number, today=date(2026, 11, 22))
    ]

    assert held == []


def test_the_api_is_the_one_that_was_reviewed():
    # After a change that is meant: make openapi, and commit the difference.
    assert openapi.contract() == openapi.FILE.read_text("utf-8")


def test_the_head_file_names_the_newest_migration():
    scripts = ScriptDirectory.from_config(check_migrations.alembic_config())

    assert (ROOT / "migrations" / "HEAD").read_text("utf-8").strip() == scripts.get_current_head()


def test_the_locks_name_no_host_and_lock_everything():
    for name, extras in (("requirements.lock", ["build"]), ("requirements-dev.lock", ["dev"])):
        text = (ROOT / name).read_text("utf-8")

        assert check_lock.faults(text, check_lock.requirements(*extras)) == []


def test_a_lock_with_a_host_or_a_gap_is_refused():
    text = "--index-url https://example.org/simple\nflask==3.1.0 \\\n    --hash=sha256:" + "0" * 64

    assert check_lock.faults(text, {"flask", "click"}) == [
        "not a pin or a hash: --index-url https://example.org/simple",
        "not locked: click",
    ]
