"""The report of the long tests: its last line is the verdict at every moment."""

import json

import pytest

from tests.support.soak_report import OK, Plugin, Report


@pytest.fixture
def report(tmp_path):
    return Report(tmp_path / "soak" / "report.jsonl")


@pytest.fixture
def lines(tmp_path):
    return lambda: (tmp_path / "soak" / "report.jsonl").read_text("utf-8").splitlines()


def outcome(name, kind, *, when="call", **figures):
    properties = [("figures", figures)]
    return pytest.TestReport(name, ("", 0, ""), {}, kind, None, when, [], 1.25, 0, 0, properties)


def test_a_run_that_did_not_end_is_never_good(report, lines):
    plugin = Plugin(report)
    assert lines()[-1].startswith("verdict: FAILED")

    plugin.pytest_runtest_logreport(outcome("a", "passed", kills=5, seed=7))

    assert lines()[-1].startswith("verdict: FAILED")
    told = json.loads(lines()[-2])
    assert (told["scenario"], told["outcome"], told["seconds"]) == ("a", "passed", 1.2)
    assert (told["kills"], told["seed"]) == (5, 7)


def test_a_whole_run_without_a_fault_is_good(report, lines):
    plugin = Plugin(report)
    plugin.pytest_runtest_logreport(outcome("a", "passed", when="setup"))
    plugin.pytest_runtest_logreport(outcome("a", "passed"))

    plugin.pytest_sessionfinish(0)

    assert len(lines()) == 3
    assert lines()[-1] == OK


@pytest.mark.parametrize("when", ["setup", "call", "teardown"])
def test_a_scenario_that_fails_or_crashes_is_named(report, lines, when):
    plugin = Plugin(report)
    plugin.pytest_runtest_logreport(outcome("a", "passed"))
    plugin.pytest_runtest_logreport(outcome("b", "failed", when=when))

    plugin.pytest_sessionfinish(1)

    assert lines()[-1] == "verdict: FAILED b"


@pytest.mark.parametrize(("status", "words"), [(2, "INTERRUPTED"), (0, "nothing was run")])
def test_an_interrupted_or_empty_run_is_not_good(report, lines, status, words):
    plugin = Plugin(report)
    if status:
        plugin.pytest_runtest_logreport(outcome("a", "passed"))

    plugin.pytest_sessionfinish(status)

    assert lines()[-1].startswith("verdict: FAILED")
    assert words in lines()[-1]
