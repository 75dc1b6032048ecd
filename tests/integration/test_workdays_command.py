"""`relief workdays add`."""

import pytest
from click.testing import CliRunner

from relief.cli.workdays import workdays


@pytest.mark.parametrize(
    ("start", "count", "printed"),
    [("2026-11-23", "5", "2026-11-30\n"), ("2026-12-30", "5", "2027-01-06 暂定\n")],
)
def test_the_due_day_is_printed_and_marked_when_a_calendar_may_move_it(
    command_settings, start, count, printed
):
    result = CliRunner().invoke(workdays, ["add", start, count])

    assert result.exit_code == 0, result.output
    assert result.stdout == printed


@pytest.mark.parametrize("arguments", [["2026-02-30", "1"], ["2026-11-23", "-1"]])
def test_a_day_that_does_not_exist_and_a_negative_count_are_refused(arguments):
    result = CliRunner().invoke(workdays, ["add", "--", *arguments])

    assert result.exit_code == 2
