"""`make lint` and `make migration`: the migrations on a server of their own.

Up, down, up; the models say the same; and squawk finds no statement in the migrations after the
first that would lock a big table.
"""

import argparse
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from relief.integrations.postgres import Server, destroy

ROOT = Path(__file__).resolve().parents[2]
FIRST = "0001_create_the_platform"  # everything it touches is new
UNNEEDED = [
    "prefer-robust-stmts",  # env.py opens the transaction
    "require-timeout-settings",  # env.py sets them
    "transaction-nesting",  # an index made concurrently is printed between COMMIT and BEGIN
    "ban-uncommitted-transaction",
    "prefer-text-field",  # a length is a rule of ours, and is not changed later
]


def alembic_config() -> Config:
    """Return Alembic's settings of this project."""
    return Config(toml_file=str(ROOT / "pyproject.toml"))


def later_sql() -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the statements of each migration after the first, and the rules it is excused from.

    A migration names those, with its reason, in `EXCUSED`.
    """
    scripts = ScriptDirectory.from_config(alembic_config())
    for revision in reversed(list(scripts.iterate_revisions("heads", FIRST))):
        out = io.StringIO()
        context = MigrationContext.configure(
            dialect_name="postgresql", opts={"as_sql": True, "output_buffer": out}
        )
        with Operations.context(context):
            revision.module.upgrade()
        yield out.getvalue(), getattr(revision.module, "EXCUSED", ())


def check() -> None:
    """Run the checks; raises if one fails."""
    settings = alembic_config()
    command.upgrade(settings, "head")
    command.downgrade(settings, "base")
    command.upgrade(settings, "head")
    command.check(settings)
    program = str(Path(sys.executable).with_name("squawk"))
    for statements, excused in later_sql():
        squawk = [program, f"--exclude={','.join([*UNNEEDED, *excused])}"]
        subprocess.run(squawk, input=statements, text=True, check=True)


def main() -> None:
    """Start a server, do the work, remove the server."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--new", metavar="SENTENCE", help="write a migration from the models")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="relief-migrations-") as folder:
        state = Path(folder) / "postgres"
        try:
            server = Server(state, tied=True, durable=False)
            os.environ["RELIEF_OWNER_DATABASE_URL"] = server.start()
            if wanted.new:
                command.upgrade(alembic_config(), "head")
                command.revision(alembic_config(), wanted.new, autogenerate=True)
            else:
                check()
        finally:
            destroy(state)


if __name__ == "__main__":
    main()
