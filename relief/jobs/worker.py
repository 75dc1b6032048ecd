"""The worker process: does the queue's tasks, and delivers the outbox beside them."""

import logging
import threading

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from relief.integrations.sms.picking import sender_of
from relief.jobs import texting
from relief.jobs.process import Pulse, UnitOfWork
from relief.notifications import delivery
from relief.notifications.texting.sending import Post
from relief.tasks import worker as tasks

logger = logging.getLogger(__name__)

DELIVER_SECONDS = 1.0


def serve(
    app: Flask,
    worker: tasks.Worker,
    *,
    stop: threading.Event,
    pulse: Pulse,
    deliver_seconds: float = DELIVER_SECONDS,
) -> None:
    """Work until `stop` is set. Run as many processes as you like."""
    # Apart, because a merge may take a minute and a notice should not.
    outbox = threading.Thread(
        target=_deliver,
        args=(app, worker.unit_of_work, stop, deliver_seconds),
        name="outbox",
        daemon=True,
    )
    # Apart from both: a provider may take seconds for each.
    texts = threading.Thread(
        target=texting.deliver,
        args=(_post(app, worker), stop, deliver_seconds),
        name="texts",
        daemon=True,
    )
    outbox.start()
    texts.start()
    logger.info("worker ready", extra={"kinds": sorted(worker.handlers)})
    try:
        tasks.serve(worker, stop=stop, pulse=pulse.beat)
    finally:
        stop.set()
        outbox.join()
        texts.join()
    logger.info("worker stopped")


def _post(app: Flask, worker: tasks.Worker) -> Post:
    return Post(
        unit_of_work=worker.unit_of_work,
        clock=app.extensions["relief.clock"],
        cipher=worker.cipher,
        sender=sender_of(worker.config),
        rules=texting.rules_of,
    )


def _deliver(app: Flask, unit_of_work: UnitOfWork, stop: threading.Event, seconds: float) -> None:
    while not stop.is_set():
        try:
            full = delivery.deliver_due(unit_of_work, clock=app.extensions["relief.clock"])
        except SQLAlchemyError as error:
            logger.warning("the outbox does not answer", extra={"kind": type(error).__name__})
            full = 0
        if full < delivery.BATCH:
            stop.wait(seconds)
