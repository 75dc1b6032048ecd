"""The report of a `make soak`: `var/soak/report.jsonl`, whose last line is the verdict.

One line a test: its name, outcome, seconds, and what it put into the fixture `figures` (counts,
seed, measures). The file is whole at every moment, and until the run has ended its last line
says that it has not: a run that was killed or interrupted is never taken for a good one.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from relief.core.clock import system_clock

FILE = Path(__file__).resolve().parents[2] / "var" / "soak" / "report.jsonl"
OK = "verdict: ok"
_NOT_ENDED = "verdict: FAILED the run did not end"
_FIGURES = "figures"


class Report:
    """What the tests of a run came to."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lines: list[str] = []
        self._failed: list[str] = []
        self._passed = 0

    def begin(self) -> None:
        """Begin a new report; what an earlier run found goes."""
        scale = os.environ.get("SCALE", "1")
        self._lines = [json.dumps({"begun": system_clock().isoformat(), "scale": scale})]
        self._write(_NOT_ENDED)

    def add(self, outcome: pytest.TestReport) -> None:
        """Add what one phase of a test came to: the call itself, or a failure around it."""
        if outcome.when != "call" and outcome.passed:
            return
        name = outcome.nodeid
        if outcome.passed:
            self._passed += 1
        else:
            self._failed.append(name)
        line = {
            "scenario": name,
            "outcome": outcome.outcome,
            "seconds": round(outcome.duration, 1),
            **dict(outcome.user_properties).get(_FIGURES, {}),  # type: ignore[dict-item]
        }
        self._lines.append(json.dumps(line, ensure_ascii=False, default=str))
        self._write(_NOT_ENDED)

    def end(self, *, status: int) -> str:
        """Write and return the verdict; only a whole run without a fault is good."""
        names = " ".join(dict.fromkeys(self._failed))
        if self._failed:
            verdict = f"verdict: FAILED {names}"
        elif status != pytest.ExitCode.OK:
            verdict = f"verdict: FAILED the run ended with {pytest.ExitCode(status).name}"
        elif not self._passed:
            verdict = "verdict: FAILED nothing was run"
        else:
            verdict = OK
        self._write(verdict)
        return verdict

    def _write(self, verdict: str) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        fresh.write_text("\n".join([*self._lines, verdict, ""]), "utf-8")
        fresh.replace(self._file)


class Plugin:
    """Listens to pytest."""

    def __init__(self, report: Report) -> None:
        self._report = report
        report.begin()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note every test of the run."""
        self._report.add(report)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Say the verdict last."""
        verdict = self._report.end(status=exitstatus)
        print(f"\n{FILE}: {verdict}")  # noqa: T201  # the answer of `make soak`


def pytest_configure(config: pytest.Config) -> None:
    """Write a report if this run is of the long tests."""
    chosen = config.option.markexpr == "soak" and not config.option.collectonly
    if chosen and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Plugin(Report(FILE)), "soak-report")


@pytest.fixture
def figures(record_property: Any) -> dict[str, Any]:
    """What a scenario counts and measures, for the report; noted also when the test fails."""
    found: dict[str, Any] = {}
    record_property(_FIGURES, found)
    return found
