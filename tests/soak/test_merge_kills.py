"""A merge, a merge by hand and its withdrawal, killed at random points, alone or with the database.

Whatever was killed, and when: the registry is as it was before or as it should be after, whole,
and the next run finishes it.
"""

import itertools
import subprocess
import sys
import threading
import time
from typing import Any

import pytest

from devtools.sample import generate
from relief.core.progress import silent
from tests.soak.content import Content, differences, registry
from tests.soak.harness import Stage
from tests.support.scale import scaled

# What a merge makes; the rest of the content is its input.
MADE = ("links", "persons", "households", "memberships", "enrolments", "aid_year", "numbers",
        "questions")  # fmt: skip
UNDO = (
    "UPDATE import_batch SET status = 'undone' WHERE id ="
    " (SELECT id FROM import_batch WHERE status = 'merged' ORDER BY loaded DESC LIMIT 1)"
)
REDO = "UPDATE import_batch SET status = 'loaded' WHERE status = 'undone'"
# What changes the input, and what the registry must then follow by.
TURNS: tuple[tuple[str | None, str], ...] = (
    (UNDO, "merge"),
    (None, "unite"),
    (REDO, "merge"),
    (None, "withdraw"),
)


def start(stage: Stage, what: str) -> "subprocess.Popen[str]":
    """Start a process that does it, up to where it begins."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.doomed_merge", stage.url, str(stage.storage), what],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    stage.started.append(process)  # type: ignore[arg-type]  # one of text is killed like any
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def finish(stage: Stage, what: str) -> float:
    """Do it to the end; return how long it took."""
    process = start(stage, what)
    began = time.monotonic()
    assert process.stdout is not None
    assert process.stdout.readline() == "done\n"
    took = time.monotonic() - began
    assert process.wait(60) == 0
    process.stdout.close()
    stage.forget(process)  # type: ignore[arg-type]
    return took


def made(stage: Stage) -> Content:
    with stage.session() as session:
        content = registry(session, stage.cipher)
    return {what: content[what] for what in MADE}


def scenario(stage: Stage, figures: dict[str, Any], *, kills: int, households: int) -> None:
    generate(
        stage.folder / "town",
        households=households, records=households * 25, seed=7, progress=silent,
    )  # fmt: skip
    stage.afresh()
    stage.run("import", str(stage.folder / "town"))
    stage.run("merge")
    states, took = [made(stage)], []
    for change, what in TURNS:
        if change:
            stage.sql(change)
        took.append(finish(stage, what))
        states.append(made(stage))
    # An undisturbed round comes back to where it began, and each turn of it changes something.
    assert differences(states[0], states[-1]) == {}
    assert all(differences(a, b) for a, b in itertools.pairwise(states))
    figures |= {"kills": 0, "left the old state": 0, "left the new one": 0, "with the database": 0}
    pause = threading.Event()
    while figures["kills"] < kills:
        turn = figures["kills"] % len(TURNS)
        change, what = TURNS[turn]
        old, new = states[turn], states[turn + 1]
        if change:
            stage.sql(change)
        process = start(stage, what)
        pause.wait(stage.chance.uniform(0, took[turn] * 1.1))
        if stage.chance.random() < 0.5:
            stage.kill_everything()
            stage.recover()
            figures["with the database"] += 1
        else:
            stage.kill(process)  # type: ignore[arg-type]
        assert process.stdout is not None
        process.stdout.close()
        found = made(stage)
        is_old, is_new = not differences(old, found), not differences(new, found)
        assert is_old or is_new, (differences(old, found), differences(new, found))
        figures["left the old state"] += is_old
        figures["left the new one"] += is_new
        figures["kills"] += 1
        finish(stage, what)
        assert differences(new, made(stage)) == {}


@pytest.mark.rehearsal
@pytest.mark.timeout(300)
def test_killed_while_merging_or_deciding_the_registry_is_old_or_new(stage, figures):
    scenario(stage, figures, kills=4, households=20)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_killed_often_while_merging_or_deciding_the_registry_is_old_or_new(stage, figures):
    scenario(stage, figures, kills=scaled(50), households=200)
