"""Takes tasks from the queue and has their handlers do them.

Knows no web framework and no handler: the process that starts it gives both.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from relief.core.clock import Clock
from relief.core.config import Config
from relief.core.errors import Conflict, DomainError, Unavailable
from relief.core.privacy.cipher import Cipher
from relief.core.progress import Progress
from relief.tasks import service
from relief.tasks.errors import LeaseLost, TaskRefused, WorkerStopping
from relief.tasks.models import Task

logger = logging.getLogger(__name__)


UnitOfWork = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskContext:
    """What a handler gets.

    `unit_of_work` opens a transaction of its own each time, in any thread. `progress` keeps
    the claim and writes what it is told at most once a second, in a transaction of its own;
    it raises when the work must stop, which rolls back the handler's open transaction.
    """

    task_id: uuid.UUID
    arguments: Mapping[str, Any]
    actor_id: uuid.UUID | None
    cipher: Cipher
    config: Config
    clock: Clock
    unit_of_work: UnitOfWork
    progress: Progress
    # For the end of a transaction in the middle: it commits only under a live claim.
    fence: Callable[[Session], None]
    # For the end of the last transaction: work, result and notices commit together, so the
    # work has its effect exactly once. A handler that never calls it may be done again after
    # a crash between its last commit and the worker's, and must bear that.
    complete: Callable[[Session, dict[str, Any]], None]


Handler = Callable[[TaskContext], dict[str, Any]]
# Told, in the same transaction, of each task that is done or has failed for good.
Ended = Callable[[Session, Task, datetime], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """What a worker process works with."""

    handlers: Mapping[str, Handler]
    unit_of_work: UnitOfWork
    cipher: Cipher
    config: Config
    clock: Clock
    ended: Ended
    poll_seconds: float = 0.3
    pause_seconds: float = 1.0  # how long to leave a database alone that does not answer
    beat_seconds: float = 5.0  # a twelfth of the lease: a short fault costs no claim
    progress_seconds: float = 1.0


@dataclass(slots=True)
class _Claim:
    """One task in hand: its claim, and whether its work must stop."""

    worker: Worker
    task: Task
    token: uuid.UUID
    stop: threading.Event
    pulse: Callable[[], None]
    lost: threading.Event = field(default_factory=threading.Event)
    told_at: float = float("-inf")
    completed: bool = False

    def check(self) -> None:
        if self.stop.is_set():
            raise WorkerStopping
        if self.lost.is_set():
            raise LeaseLost

    def progress(self, done: int, total: int, message: str) -> None:
        if self.completed:
            return  # the row is held by the transaction that completed it: ours would wait for it
        self.check()
        moment = time.monotonic()
        if moment - self.told_at < self.worker.progress_seconds:
            return
        self.told_at = moment
        with self.worker.unit_of_work() as session:
            service.progress(
                session,
                task_id=self.task.id,
                token=self.token,
                done=done,
                total=total,
                message=message,
            )

    def fence(self, session: Session) -> None:
        service.fence(session, task_id=self.task.id, token=self.token)

    def complete(self, session: Session, result: dict[str, Any]) -> None:
        now = self.worker.clock()
        task = service.finish(
            session, task_id=self.task.id, token=self.token, result=result, now=now
        )
        self.worker.ended(session, task, now)
        self.completed = True

    def context(self) -> TaskContext:
        return TaskContext(
            task_id=self.task.id,
            arguments=self.task.arguments,
            actor_id=self.task.created_by,
            cipher=self.worker.cipher,
            config=self.worker.config,
            clock=self.worker.clock,
            unit_of_work=self.worker.unit_of_work,
            progress=self.progress,
            fence=self.fence,
            complete=self.complete,
        )


def serve(worker: Worker, *, stop: threading.Event, pulse: Callable[[], None]) -> None:
    """Do tasks until `stop` is set; `pulse` is called as long as the database answers.

    What is in hand then goes back to the queue at its next word of progress, or is done.
    """
    while not stop.is_set():
        try:
            worked = run_one(worker, stop=stop, pulse=pulse)
            pulse()
        except SQLAlchemyError as error:
            # Its lease ends by itself, if a task was in hand.
            logger.warning("the queue does not answer", extra={"kind": type(error).__name__})
            stop.wait(worker.pause_seconds)
        else:
            if not worked:
                stop.wait(worker.poll_seconds)


def _unheard() -> None:
    """Beat for nobody."""


def run_one(
    worker: Worker,
    *,
    stop: threading.Event | None = None,
    pulse: Callable[[], None] = _unheard,
) -> bool:
    """Do the task that is due longest; return False if there was none."""
    now = worker.clock()
    with worker.unit_of_work() as session:
        for lost in service.give_up_abandoned(session, now=now):
            worker.ended(session, lost, now)
        task = service.claim(session, kinds=worker.handlers.keys(), now=now)
    if task is None:
        return False
    assert task.token is not None  # noqa: S101  # narrows for the type checker
    claim = _Claim(worker, task, task.token, stop or threading.Event(), pulse)
    facts = {"task_id": task.id, "kind": task.kind, "attempt": task.attempts}
    logger.info("task begun", extra=facts)
    try:
        with _heartbeat(claim):
            status = _do(claim)
    except LeaseLost:
        status = "taken over"
    logger.info("task left", extra=facts | {"status": status})
    return True


def _do(claim: _Claim) -> str:
    """Run the handler and write down how it ended. Raises LeaseLost."""
    try:
        result = claim.worker.handlers[claim.task.kind](claim.context())
    except LeaseLost:
        raise
    except WorkerStopping:
        with claim.worker.unit_of_work() as session:
            service.release(session, task_id=claim.task.id, token=claim.token)
        return "released"
    except TaskRefused as error:
        return _fail(claim, str(error), retry=False)
    except DomainError as error:
        return _fail(claim, error.title, retry=_may_pass(error))
    except Exception:
        logger.exception("a handler failed", extra={"task_id": claim.task.id})
        again = claim.task.attempts < service.MAX_ATTEMPTS
        return _fail(claim, _RETRYING if again else _GIVEN_UP, retry=True)
    if not claim.completed:
        with claim.worker.unit_of_work() as session:
            claim.complete(session, result)
    return "done"


_RETRYING = "处理时出现意外错误，系统稍后自动重试"
_GIVEN_UP = "多次尝试后仍未成功，请联系系统管理员"


def _may_pass(error: DomainError) -> bool:
    """Tell whether waiting may help, and another attempt surely does nothing twice.

    An error of another system's says by `nothing_done` whether that system may have done it.
    """
    if isinstance(error, Unavailable):
        return bool(getattr(error, "nothing_done", True))
    return isinstance(error, Conflict)


def _fail(claim: _Claim, message: str, *, retry: bool) -> str:
    now = claim.worker.clock()
    with claim.worker.unit_of_work() as session:
        task = service.fail(
            session,
            task_id=claim.task.id,
            token=claim.token,
            message=message,
            retry=retry,
            now=now,
        )
        if task.finished_at is not None:
            claim.worker.ended(session, task, now)
    return task.status.value


@contextmanager
def _heartbeat(claim: _Claim) -> Iterator[None]:
    """Keep the lease while the block runs, however long it is silent."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(claim.worker.beat_seconds):
            try:
                with claim.worker.unit_of_work() as session:
                    service.extend(session, task_id=claim.task.id, token=claim.token)
                claim.pulse()
            except LeaseLost:
                claim.lost.set()
                return
            except SQLAlchemyError as error:
                # The database may be back before the lease ends.
                logger.warning("no heartbeat", extra={"kind": type(error).__name__})

    thread = threading.Thread(target=beat, name="task-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
