"""Importer, worker and database killed together during import and merge.

Whatever was killed, and when: after a restart and the work finished, the registry is what an
undisturbed run gives, nothing is left in plain text, and no batch is in twice or not at all.
"""

import io
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from devtools.sample import generate
from relief.attachments import content as sealed
from relief.attachments.strays import remove_strays
from relief.core.clock import system_clock
from relief.core.progress import silent
from relief.registry.intake import uploads
from tests.integration.test_run import free_ports
from tests.soak.content import Content, differences, registry
from tests.soak.harness import Stage
from tests.support.scale import scaled

OPEN_TASKS = "SELECT count(*) FROM task WHERE status IN ('waiting', 'running')"
LOADED = "SELECT count(*) FROM import_batch WHERE status IN ('received', 'loaded', 'merged')"
MERGING = "SELECT count(*) FROM task WHERE kind = 'merge' AND status = 'running'"
BUSY = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND application_name <> ''"
)
# What a minute of waiting would do for the tasks of killed workers.
LAPSE = (
    "UPDATE task SET leased_until = leased_until - interval '1 hour',"
    " run_at = least(run_at, now()) WHERE status IN ('waiting', 'running')"
)
LONGEST = 2.5  # seconds from the first sign of work to the kill


class Town:
    """The department files: some for the importer, some uploaded for the worker."""

    def __init__(self, folder: Path, households: int) -> None:
        generate(
            folder / "all", households=households, records=households * 25, seed=7, progress=silent
        )
        files = sorted((folder / "all").glob("*.csv")) + sorted((folder / "all").glob("*.xlsx"))
        files = [file for file in files if not file.name.isascii()]  # not what is planted
        self.by_hand, self.by_upload = folder / "by_hand", files[1::2]
        self.by_hand.mkdir()
        for file in files[::2]:
            file.rename(self.by_hand / file.name)
        self.count = len(files)


def upload(stage: Stage, town: Town) -> None:
    """Send the worker's half, all that is not in; a file sent twice is one task."""
    with stage.session() as session:
        for path in town.by_upload:
            with path.open("rb") as file:
                uploads.receive_upload(
                    session,
                    io.BytesIO(file.read()),
                    file_name=path.name,
                    scheme_code=None,
                    actor_id=None,
                    cipher=stage.cipher,
                    storage=stage.storage,
                    now=system_clock(),
                )


def work(stage: Stage, town: Town, port: int) -> Callable[[], bool]:
    """Start importer and worker; returns how to ask whether all is done."""
    importer = stage.start("import", str(town.by_hand))
    stage.start("serve", "worker", "--port", str(port))

    def done() -> bool:
        return importer.poll() is not None and not stage.sql(OPEN_TASKS)

    return done


def finish(stage: Stage, town: Town, port: int) -> None:
    """Do what is left, as an operator would: send what failed again, let the worker end."""
    if stage.sql(LOADED) < town.count:
        upload(stage, town)
    done = work(stage, town, port)
    importer, worker = stage.started[-2:]
    stage.wait(done, seconds=300)
    assert importer.returncode == 0, stage.said("import")
    stage.stop(worker)
    stage.forget(importer)
    stage.run("merge")


def check(stage: Stage, town: Town, wanted: Content | None) -> Content:
    """Hold the registry against the undisturbed one, and look for what was left behind."""
    with stage.session() as session:
        found = registry(session, stage.cipher)
        remove_strays(session, storage=stage.storage, now=system_clock() + timedelta(days=2))
    if wanted is not None:
        assert differences(wanted, found) == {}
    assert sum(found["batches"].values()) == town.count
    assert len({row[0] for row in found["batches"]}) == town.count, "a batch is live twice"
    assert stage.sql(OPEN_TASKS) == 0
    assert stage.sql("SELECT count(*) = count(DISTINCT number) FROM household")
    assert [left.name for left in (stage.storage / "work").iterdir()] == []
    check_files(stage)
    return found


def check_files(stage: Stage) -> None:
    """Each file of the storage folder has its row, each row its file, and each opens."""
    with stage.session() as session:
        rows = session.connection().exec_driver_sql("SELECT id, size FROM stored_file").all()
    on_disk = {path.name: path for path in (stage.storage / "files").glob("*/*")}
    assert sorted(on_disk) == sorted(row_id.hex for row_id, _size in rows)
    for row_id, size in rows:
        with on_disk[row_id.hex].open("rb") as source:
            pieces = sealed.unseal(stage.cipher, row_id, source)
            assert sum(map(len, pieces)) == size


def kill_until_done(stage: Stage, town: Town, port: int, kills: int) -> dict[str, int]:
    """Kill everything at random moments until the work or the kills are used up."""
    counts = {"kills": 0, "while merging": 0, "while files were loaded": 0}
    pause = threading.Event()
    while counts["kills"] < kills:
        done = work(stage, town, port)
        stage.wait(lambda done=done: stage.sql(BUSY) or done(), seconds=60)
        pause.wait(stage.chance.uniform(0, LONGEST))
        ended = done()
        merging, loaded = stage.sql(MERGING), stage.sql(LOADED)
        stage.kill_everything()
        stage.recover()
        stage.sql(LAPSE)
        counts["kills"] += 1
        counts["while merging"] += bool(merging)
        counts["while files were loaded"] += loaded < town.count
        if ended:
            break
    return counts


def scenario(stage: Stage, figures: dict[str, Any], *, kills: int, households: int) -> None:
    town, port = Town(stage.folder / "town", households), free_ports(1)
    stage.afresh()
    upload(stage, town)
    finish(stage, town, port)
    wanted = check(stage, town, None)
    assert wanted["households"].total() > households / 2
    figures |= {"households": wanted["households"].total(), "records": wanted["records"].total()}
    figures["cycles"] = 0
    while figures.get("kills", 0) < kills:
        stage.afresh()
        upload(stage, town)
        counts = kill_until_done(stage, town, port, kills - figures.get("kills", 0))
        for name, count in counts.items():
            figures[name] = figures.get(name, 0) + count
        finish(stage, town, port)
        check(stage, town, wanted)
        figures["cycles"] += 1


@pytest.mark.rehearsal
@pytest.mark.timeout(300)
def test_killed_during_import_and_merge_the_result_is_the_same(stage, figures):
    scenario(stage, figures, kills=2, households=40)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_killed_often_during_import_and_merge_the_result_is_the_same(stage, figures):
    scenario(stage, figures, kills=scaled(50), households=200)
