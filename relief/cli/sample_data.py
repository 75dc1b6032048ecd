"""Filling an empty registry with an invented city, and doing so again after an interruption."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from relief.cli.state import State

MARK = "SAMPLE"
STARTED, DONE = "started", "done"
SEED = 20261122
_REGISTERS = "registers"  # the folder in which the sample has them
# households, records
SIZES = {"tiny": (1_000, 20_000), "small": (2_000, 60_000), "city": (45_628, 3_000_000)}


class SampleFailed(Exception):
    """A step failed; what it said stands above."""


@dataclass
class Steps:
    """Runs the platform's own commands one after the other; they show their own progress."""

    env: Mapping[str, str]
    current: "subprocess.Popen[bytes] | None" = field(default=None)
    stopped: bool = False

    def run(self, arguments: Sequence[str]) -> None:
        """Run one command to its end. Raises SampleFailed."""
        if self.stopped:
            raise SampleFailed
        self.current = subprocess.Popen(  # noqa: S603  # our own command
            # Ends with us: an import that nobody waits for would meet the next run's.
            [sys.executable, "-m", "relief.cli", "--parent", str(os.getpid()), *arguments],
            stdin=subprocess.DEVNULL,
            env=dict(self.env),
        )
        code = self.current.wait()
        self.current = None
        if code:
            message = f"relief {arguments[0]} 未完成（退出码 {code}）"
            raise SampleFailed(message)

    def stop(self) -> None:
        """Ask the command that runs to end."""
        self.stopped = True
        if self.current is not None:
            with contextlib.suppress(ProcessLookupError):
                self.current.terminate()


def mark_of(database: str, *, state: State, own: bool) -> str:
    """Return the name of the mark of a database (`integrations.postgres.identity`).

    What was done in one database says nothing of another, which may be someone's real registry.
    `own`: it is on the server under `var/`, and not empty; what an older version noted without
    a name was of that, and becomes its mark once.
    """
    name = f"{MARK}_{database}"
    before = state.marked(MARK)
    if own and before and state.marked(name) is None:
        state.mark(name, before)
        state.mark(MARK, "")
    return name


def fill(
    state: State, size: str, *, mark: str, empty: bool, steps: Steps, tell: Callable[[str], None]
) -> bool:
    """Generate, import and merge the sample unless that is done, and tell whether it was needed.

    `mark` (`mark_of`) is set before the first file and changed after the merge. Between the two
    the whole is simply done again: a file is loaded in one transaction, and a file loaded before
    adds nothing.
    """
    reached = state.marked(mark)
    if reached == DONE or (reached is None and not empty):
        return False
    households, records = SIZES[size]
    state.mark(mark, STARTED)
    began = time.monotonic()
    tell(f"困难群众库为空，正在准备示例数据：{households:,} 户、约 {records:,} 条记录")
    files = _files(state.folder / "sample" / size, households, records, steps, tell)
    tell("[2/4] 导入 33 个项目的文件")
    steps.run(["import", "--no-merge", str(files)])
    tell("[3/4] 归并为一户一档")
    steps.run(["merge"])
    tell("[4/4] 导入外部登记数据")
    steps.run(["registers", "import", str(files / _REGISTERS)])
    state.mark(mark, DONE)
    tell(f"示例数据就绪，用时 {time.monotonic() - began:.0f} 秒")
    return True


def _files(
    folder: Path, households: int, records: int, steps: Steps, tell: Callable[[str], None]
) -> Path:
    if (folder / _REGISTERS).is_dir():
        return folder
    shutil.rmtree(folder, ignore_errors=True)  # of a version that knew no registers
    tell("[1/4] 生成各部门的示例文件")
    unfinished = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    amounts = ["--households", str(households), "--records", str(records), "--seed", str(SEED)]
    steps.run(["sample", str(unfinished), *amounts])
    # What is planted and who is who is for the tests, not a department's file.
    (unfinished / "truth").mkdir()
    for file in list(unfinished.glob("[a-z]*.csv")):
        file.rename(unfinished / "truth" / file.name)
    unfinished.rename(folder)
    return folder
