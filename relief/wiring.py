"""Who answers which hook: what each kind of task does, who keeps sealed values, what runs."""

import functools
import logging
import threading
from collections.abc import Mapping
from typing import Any

from flask import Flask

from relief.accounts.holding import SECOND_FACTORS
from relief.attachments.holding import StoredFiles
from relief.audit import checks
from relief.backups.drill import Verifier
from relief.bindings.dependants import Bindings
from relief.bindings.holding import SESSION_KEYS, Openids
from relief.console.labels import LABELS
from relief.core.config import Config
from relief.core.privacy.holders import Holder, SecretValues
from relief.integrations.wechat.models import TOKENS
from relief.jobs import scheduler, worker
from relief.jobs.notices import tell_the_end
from relief.jobs.process import Pulse, stop_on_signals, unit_of_work_of
from relief.registers.intake import task as registers
from relief.registry import dependants
from relief.registry.exports import task as exports
from relief.registry.exports.criteria import CRITERIA
from relief.registry.grounds import AccessGrounds
from relief.registry.intake import task as intake
from relief.registry.intake.holding import RecordFingerprints
from relief.registry.merging import service as merging
from relief.registry.quality import task as quality
from relief.review.dependants import Cases
from relief.review.lists import task as lists
from relief.review.objecting.models import OBJECTORS
from relief.review.referring.models import CONDITIONS
from relief.review.rising import task as rising
from relief.review.rostering import task as rostering
from relief.tasks.worker import Handler, TaskContext, Worker
from relief.visits.dependants import Assignments
from relief.visits.files import task as helper_files
from relief.web.holding import Answers

logger = logging.getLogger(__name__)


def merge(context: TaskContext) -> dict[str, Any]:
    """Bring the registry to what the live batches say, in one transaction."""
    whole = bool(context.arguments.get("whole"))
    with context.unit_of_work() as session:
        report = merging.merge(
            session,
            cipher=context.cipher,
            actor_id=context.actor_id,
            now=context.clock(),
            progress=context.progress,
            whole=whole,
        )
        result = report.as_json()
        context.complete(session, result)
    if whole and report.drifted:
        logger.error("merges of parts had missed something", extra={"merge": result["merge"]})
    return result


HANDLERS: Mapping[str, Handler] = {
    "decision-list": lists.run,
    "export": functools.partial(exports.run, categories=LABELS["category"]),
    "helper-file": helper_files.run,
    "import": intake.run,
    "merge": merge,
    "quality-faults": quality.run,
    "register-file": registers.run,
    "roster-entry": rostering.run,
    "standard-rise": rising.run,
}


def verifiers_of(config: Config) -> Mapping[str, Verifier]:
    """Return what a drill asks of a restored database besides counts and digests."""
    return {"审计日志": functools.partial(checks.faults_of_copy, settings=config.seal)}


# Whoever keeps sealed values stands here, or `relief keys rotate` would leave them behind.
HOLDERS: tuple[Holder, ...] = (
    SecretValues(),
    RecordFingerprints(),
    Answers(),
    CRITERIA,
    StoredFiles(),
    SECOND_FACTORS,
    OBJECTORS,
    CONDITIONS,
    TOKENS,
    Openids(),
    SESSION_KEYS,
)


# Whoever keeps the id of a person or household stands here, or a merge would leave it behind.
DEPENDANTS: tuple[dependants.Dependants, ...] = (
    AccessGrounds(),
    Cases(),
    Assignments(),
    Bindings(),
)
dependants.wire(DEPENDANTS)


def worker_of(app: Flask, handlers: Mapping[str, Handler] = HANDLERS) -> Worker:
    """Return what a worker of this application works with."""
    return Worker(
        handlers=handlers,
        unit_of_work=unit_of_work_of(app),
        cipher=app.extensions["relief.cipher"],
        config=app.extensions["relief.config"],
        clock=app.extensions["relief.clock"],
        ended=tell_the_end,
    )


def serve_worker(
    app: Flask, *, stop: threading.Event | None = None, pulse: Pulse | None = None
) -> None:
    """Be a worker process until told to stop; without `stop`, by SIGTERM or SIGINT."""
    worker.serve(app, worker_of(app), stop=stop or stop_on_signals(), pulse=pulse or Pulse())


def serve_scheduler(
    app: Flask, *, stop: threading.Event | None = None, pulse: Pulse | None = None
) -> None:
    """Be a scheduler process until told to stop; without `stop`, by SIGTERM or SIGINT."""
    scheduler.serve(app, stop=stop or stop_on_signals(), pulse=pulse or Pulse())
