"""A few of the files that tests/soak changes at random, on every run."""

from tests.support import mutant_run


def test_changed_files_break_nothing(spare_app, tmp_path):
    outcome = mutant_run.run(spare_app, tmp_path / "in", range(40))

    assert outcome.wrong == []
    assert outcome.files == 40
    assert set(outcome.statuses) >= {"loaded", "failed"}
