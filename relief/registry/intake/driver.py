"""Imports many files: two are read at a time, while those read before are loaded.

Each file has a transaction of its own; one that fails takes nothing from the others.
"""

import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from relief.attachments.strays import remove_strays
from relief.core.clock import Clock, local_date
from relief.core.privacy.cipher import Cipher
from relief.core.progress import Progress, silent
from relief.registry.intake import folders, places, reading, service
from relief.registry.intake.limits import DEFAULT_LIMITS, Limits
from relief.registry.intake.reading import Reading
from relief.registry.intake.types import Arrival, BatchReport

UnitOfWork = Callable[[], AbstractContextManager[Session]]
_READERS = 2
_AHEAD = _READERS + 1  # two being read, one read and waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What all files of one call have in common."""

    unit_of_work: UnitOfWork
    scheme_code: str | None
    actor_id: uuid.UUID | None
    cipher: Cipher
    storage: Path
    clock: Clock
    progress: Progress = silent
    limits: Limits = DEFAULT_LIMITS
    expected_rows: int | None = None  # of the one file, if the sender says
    region_code: int | None = None  # of which part of the city rolls are the whole roll


@dataclass(frozen=True, slots=True)
class _Pending:
    """A file on its way: reported already, or being read into a folder of its own."""

    arrival: Arrival
    report: BatchReport | None
    reading: Future[Reading] | None
    folder: ExitStack


def import_paths(paths: Sequence[Path], job: Import) -> list[BatchReport]:
    """Import files in the order given and report on each. Raises UnknownScheme, UnknownRegion."""
    service.check_scheme(job.scheme_code)
    with job.unit_of_work() as session:
        places.check(session, job.region_code)
        city = places.load(session)
        remove_strays(session, storage=job.storage, now=job.clock())
    reports: list[BatchReport] = []
    with _reading_ahead(paths, city, job) as pending:
        for number, file in enumerate(pending):
            job.progress(number, len(paths), f"正在导入 {file.arrival.file_name}")
            reports.append(_finish(file, job))
    job.progress(len(paths), len(paths), "文件导入完毕")
    return reports


def _finish(file: _Pending, job: Import) -> BatchReport:
    with file.folder:
        if file.report is not None or file.reading is None:
            assert file.report is not None  # noqa: S101  # one of the two is there
            return file.report
        found = file.reading.result()
        with job.unit_of_work() as session:
            return service.settle(
                session,
                file.arrival,
                found,
                actor_id=job.actor_id,
                cipher=job.cipher,
                storage=job.storage,
                now=job.clock(),
            )


@contextmanager
def _reading_ahead(
    paths: Sequence[Path], city: places.Places, job: Import
) -> Iterator[Iterator[_Pending]]:
    """Give the files one by one, each with its reading begun some files before."""
    waiting: deque[_Pending] = deque()
    pool = ThreadPoolExecutor(_READERS, thread_name_prefix="reader")

    def files() -> Iterator[_Pending]:
        coming = iter(paths)
        for path in coming:
            waiting.append(_begin(path, pool, city, job))
            if len(waiting) > _AHEAD - 1:
                yield waiting.popleft()
        while waiting:
            yield waiting.popleft()

    try:
        yield files()
    finally:
        for file in waiting:
            if file.reading is not None:
                file.reading.cancel()
        pool.shutdown(cancel_futures=True)
        for file in waiting:
            file.folder.close()


def _begin(path: Path, pool: ThreadPoolExecutor, city: places.Places, job: Import) -> _Pending:
    """Begin to read a file, unless its bytes are a live batch already."""
    arrival = service.arrive(path, region_code=job.region_code)
    folder = ExitStack()
    now = job.clock()
    with job.unit_of_work() as session:
        report = service.repeated(
            session, arrival, scheme_code=job.scheme_code, actor_id=job.actor_id, now=now
        )
    if report is not None:
        return _Pending(arrival, report, None, folder)
    begun = pool.submit(
        reading.read,
        path,
        scheme=job.scheme_code,
        places=city,
        today=local_date(now),
        folder=folder.enter_context(folders.private(job.storage)),
        limits=job.limits,
        expected_rows=job.expected_rows,
    )
    return _Pending(arrival, None, begun, folder)
