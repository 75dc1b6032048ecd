"""Runs the migrations: `alembic upgrade head`."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from alembic import context
from alembic.migration import MigrationContext
from alembic.operations import MigrationScript
from sqlalchemy import create_engine, pool, text
from sqlalchemy.dialects.postgresql.base import ischema_names

from relief.audit.models import TransactionId
from relief.core.config import normalise_url
from relief.models import Base

ischema_names["xid8"] = TransactionId  # or reflection warns of it

HERE = Path(__file__).parent
MIGRATION_LOCK = 0x52454C4945460002


# PostgreSQL gives the expression back in words of its own, which Alembic cannot compare; a test
# holds it against `relief.registry.merging.signatures`.
ONLY_IN_MIGRATIONS = frozenset({"ix_source_identity_signature"})


def is_compared(_thing: object, name: str | None, *_more: object) -> bool:
    """Tell whether the models must know of something that the database has."""
    return name not in ONLY_IN_MIGRATIONS


def number_revision(
    _context: MigrationContext, _revision: object, directives: Iterable[MigrationScript]
) -> None:
    """Name each revision by its place in the sequence, such as 0007_add_appeals."""
    for script in directives:
        if not script.message:  # `alembic check` only looks
            continue
        slug = re.sub(r"\W+", "_", script.message).strip("_").lower()
        head = context.script.get_current_head()
        number = int(head[:4]) + 1 if head else 1
        script.rev_id = f"{number:04}_{slug}"[:32]  # alembic_version.version_num holds 32
        # One line that every branch with a migration changes: git then reports the conflict.
        (HERE / "HEAD").write_text(f"{script.rev_id}\n")


def run() -> None:
    """Upgrade under a lock, so that two deployments cannot do it at once."""
    engine = create_engine(
        normalise_url(os.environ["RELIEF_OWNER_DATABASE_URL"]), poolclass=pool.NullPool
    )
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.execute(text("SET lock_timeout = '2s'"))
        connection.execute(text("SET statement_timeout = '30s'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_server_default=True,
            include_object=is_compared,
            transaction_per_migration=True,
            process_revision_directives=number_revision,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
