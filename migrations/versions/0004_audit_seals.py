"""Seal the audit trail, and say of each event which region it concerns.

Before: events were insert-only, and nothing told of a change by who can switch triggers off.
After: `audit_seal` and `audit_seal_item`, insert-only as well; `audit_event.region_code`, which
stays empty in the rows that are there: they cannot be changed, and only who reads the whole
city's trail reads them. Safe while the old code runs: it names its columns.
"""

from alembic import op
import sqlalchemy as sa

revision = "0004_audit_seals"
down_revision = "0003_sign_in"
branch_labels = None
depends_on = None

APPEND_ONLY = ("audit_seal", "audit_seal_item")


class TransactionId(sa.types.UserDefinedType):
    """PostgreSQL's xid8."""

    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        return "xid8"


def upgrade() -> None:
    op.create_table(
        "audit_seal",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False, comment="Merkle root over the leaves"),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("horizon", TransactionId(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_fingerprint", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_seal")),
    )
    op.create_table(
        "audit_seal_item",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", "position", name=op.f("pk_audit_seal_item")),
        sa.UniqueConstraint("event_id", name=op.f("uq_audit_seal_item_event_id")),
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION deny_change()"
        )
    op.add_column(
        "audit_event",
        sa.Column(
            "region_code",
            sa.BigInteger(),
            nullable=True,
            comment="of the household or person concerned; empty: read by the whole city only",
        ),
    )
    with op.get_context().autocommit_block():  # nobody who writes an event waits for these
        op.create_index(
            op.f("ix_audit_event_xid_id"),
            "audit_event",
            ["xid", "id"],
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.create_index(
            "ix_audit_event_shown",
            "audit_event",
            [sa.text("(details -> 'persons')")],
            postgresql_using="gin",
            postgresql_where=sa.text("action = 'household:viewed'"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    op.drop_index("ix_audit_event_shown", table_name="audit_event")
    op.drop_index(op.f("ix_audit_event_xid_id"), table_name="audit_event")
    op.drop_column("audit_event", "region_code")
    op.drop_table("audit_seal_item")
    op.drop_table("audit_seal")
