"""Fixtures for every test: the database, the application, the clock and the people."""

import pytest

from tests.support import run_folder

# Their assertions are read by whoever mends what failed.
pytest.register_assert_rewrite("tests.support.happenings")

pytest_plugins = [
    "tests.support.people",  # first: the others import these two
    "tests.support.leaks",
    "tests.support.database",
    "tests.support.application",
    "tests.support.loading",
    "tests.support.exporting",
    "tests.support.listing",
    "tests.support.past",
    "tests.support.review",
    "tests.support.stand_in",
    "tests.support.phones",
    "tests.support.rostering",
    "tests.support.soak_report",
    "tests.soak.harness",
]


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder that all processes of this test run share."""
    if not hasattr(config, "workerinput"):
        run_folder.open_for(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what the run started; the processes of pytest-xdist have ended by now."""
    if not hasattr(config, "workerinput"):
        run_folder.close(config)
