"""Let every key be changed: say beside each value which key it is found by.

Before: one blind-index key for ever, and answers to repeated requests in the clear. After: the
number of the index key beside each blind index and each batch's fingerprints, the numbers in use
in `index_key`, and a sealed column for answers. What is stored was made with the one key there
was, number 1; answers of before stay readable, and `relief keys rotate` seals them.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0005_key_rotation"
down_revision = "0004_audit_seals"


def upgrade() -> None:
    op.create_table(
        "index_key",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_index_key")),
        postgresql.ExcludeConstraint(
            (sa.column("is_current"), "="),
            using="btree",
            where=sa.text("is_current"),
            name="one_current_index_key",
        ),
    )
    # With a default the column costs no rewrite, and the older program goes on writing: what it
    # writes is by key 1.
    op.add_column(
        "secret_value",
        sa.Column(
            "index_key_id",
            sa.BigInteger(),
            server_default="1",
            nullable=False,
            comment="which key made blind_index",
        ),
    )
    op.add_column(
        "import_batch",
        sa.Column(
            "fingerprint_key_id",
            sa.BigInteger(),
            nullable=True,
            comment="which index key made the fingerprints of its records",
        ),
    )
    op.execute("UPDATE import_batch SET fingerprint_key_id = 1 WHERE loaded > 0")
    op.execute(
        "INSERT INTO index_key (id, is_current, since) SELECT 1, true, now()"
        " WHERE EXISTS (SELECT FROM secret_value) OR EXISTS (SELECT FROM import_batch)"
    )
    op.add_column(
        "idempotency_record",
        sa.Column(
            "sealed",
            sa.LargeBinary(),
            nullable=True,
            comment="the answer: it may hold personal data",
        ),
    )
    op.alter_column(
        "idempotency_record",
        "body",
        comment="in the clear, from before answers were sealed; null of JSON since",
    )


def downgrade() -> None:
    # The older program has one key: a database that holds values of several cannot go back.
    op.execute(
        """
        DO $$ BEGIN
            IF (SELECT count(*) FROM index_key) > 1 THEN
                RAISE EXCEPTION 'several index keys are in use: finish `relief keys rotate` first';
            END IF;
        END $$
        """
    )
    # Sealed answers cannot be opened here, and the older program reads only clear ones.
    op.execute("DELETE FROM idempotency_record WHERE sealed IS NOT NULL")
    op.alter_column("idempotency_record", "body", comment=None)
    op.drop_column("idempotency_record", "sealed")
    op.drop_column("import_batch", "fingerprint_key_id")
    op.drop_column("secret_value", "index_key_id")
    op.drop_table("index_key")
