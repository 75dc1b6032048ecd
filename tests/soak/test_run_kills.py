"""`relief run` killed at every stage of its first start, until it comes through."""

import itertools
import signal
import subprocess
import sys

import psutil
import psycopg
import pytest

from relief.cli.context import read_env_file
from tests.integration.test_run import ROOT, start
from tests.support.scale import scaled

__all__ = ["start"]

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]
STAGES = ("[1/4]", "[2/4]", "正在导入", "[3/4]", "[4/4]")
COUNTS = {
    "batches": "SELECT count(*) FROM import_batch WHERE status <> 'repeated'",
    "records": "SELECT count(*) FROM source_record",
    "persons": "SELECT count(*) FROM person",
    "households": "SELECT count(*) FROM household",
}


def counts(folder) -> dict[str, int]:
    url = read_env_file(folder / "database.env")["RELIEF_OWNER_DATABASE_URL"]
    with psycopg.connect(url) as connection:
        return {name: connection.execute(query).fetchone()[0] for name, query in COUNTS.items()}


def test_killed_at_every_stage_it_comes_to_the_same(start, tmp_path):
    for stage in STAGES:
        run = start("tiny")
        if stage not in run.said():
            run.until(stage)
        family = psutil.Process(run.process.pid).children(recursive=True)
        run.stop(signal.SIGKILL)
        psutil.wait_procs(family, timeout=20)
    run = start("tiny")
    words = run.ready()
    found = counts(tmp_path / "var")

    assert "示例账号" in words
    assert found["households"] > 0
    subprocess.run(
        [sys.executable, "-m", "relief.cli", "import", str(tmp_path / "var" / "sample" / "tiny")],
        cwd=ROOT,
        env={"RELIEF_VAR_DIR": str(tmp_path / "var"), "PYTHONUTF8": "1", "PATH": "/usr/bin:/bin"},
        check=True,
    )
    assert counts(tmp_path / "var") == found
    assert run.stop() == 0


def test_processes_killed_at_random_come_back(start):
    run = start("tiny")
    run.ready()
    for offset, _round in itertools.product(range(4), range(scaled(2))):
        children = psutil.Process(run.process.pid).children()
        victim = [child for child in children if child.name() != "postgres"][offset]
        victim.kill()
        psutil.wait_procs([victim], timeout=10)
        for _try in range(600):
            if run.health() == [200, 200, 200, 200]:
                break
        assert run.health() == [200, 200, 200, 200]

    assert run.stop() == 0
