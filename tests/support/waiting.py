"""Waiting for another thread or process, without sleeping longer than it takes."""

import threading
import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], *, seconds: float = 20.0) -> None:
    """Return as soon as `condition` holds; fail if it does not in time."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        pause.wait(0.01)


def at_once(work: Callable[[int], object], *, threads: int) -> list[object]:
    """Do `work(n)` in several threads that begin together; return what they returned."""
    barrier = threading.Barrier(threads)
    results: list[object] = [None] * threads
    errors: list[BaseException] = []

    def run(number: int) -> None:
        barrier.wait()
        try:
            results[number] = work(number)
        except BaseException as error:  # noqa: BLE001  # raised again below
            errors.append(error)

    started = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    if errors:
        raise errors[0]
    return results
