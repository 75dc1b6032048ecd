"""What goes wrong with tasks."""

from relief.core.errors import NotFound


class TaskNotFound(NotFound):
    code = "task-not-found"
    title = "没有这个任务"


class TaskRefused(Exception):
    """A handler cannot do its task and trying again would not help.

    The message is shown to the person who asked: Chinese, without personal data.
    """


class LeaseLost(Exception):
    """Another worker took the task over; what this one did since is rolled back."""


class WorkerStopping(Exception):
    """The worker was told to stop; the task goes back to the queue as if never begun."""
