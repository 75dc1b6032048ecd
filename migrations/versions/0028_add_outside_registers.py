"""Keep what outside registers say of people, for the checks of a case.

Before: only what the 33 schemes' own files tell was known of anybody. After: files of thirteen
registers are loaded, each as a batch. Nobody who signed in sees an entry; the registrar reads them
for a check.
"""

from alembic import op
import sqlalchemy as sa

revision = "0028_add_outside_registers"
down_revision = "0027_cheap_row_security"

# Every table is new, so nobody waits for an index; what is counted are rows and square decimetres.
EXCUSED = (
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "require-concurrent-index-creation",
)

REGISTERS = (
    "fiscal_staff", "cadres", "vehicles", "real_estate", "businesses", "provident_fund",
    "social_insurance", "pensions", "balances", "deaths", "household_register", "marriages",
    "disability_certificates",
)  # fmt: skip


def words(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40)


def upgrade() -> None:
    op.create_table(
        "register_entry",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "side",
            sa.SmallInteger(),
            autoincrement=False,
            nullable=False,
            comment="0; 1: the other spouse",
        ),
        sa.Column(
            "register",
            words(*REGISTERS, name="register"),
            nullable=False,
        ),
        sa.Column(
            "entry_key_id",
            sa.Uuid(),
            nullable=False,
            comment="secret value: what the entry is of, the same from file to file",
        ),
        sa.Column(
            "removed", sa.Boolean(), nullable=False, comment="a change file deletes the entry"
        ),
        sa.Column("number_id", sa.Uuid(), nullable=False, comment="secret value, 18 characters"),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "state",
            words("valid", "suspended", "ended", name="state"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=24), nullable=True),
        sa.Column("grade", sa.String(length=1), nullable=True),
        sa.Column("relation", sa.String(length=2), nullable=True, comment="GB/T 4761"),
        sa.Column(
            "place", sa.String(length=200), nullable=True, comment="employer, firm, address, bank"
        ),
        sa.Column("region_code", sa.BigInteger(), nullable=True),
        sa.Column("born_on", sa.Date(), nullable=True, comment="as the number says"),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("area_dm2", sa.Integer(), nullable=True),
        sa.Column(
            "group_id",
            sa.Uuid(),
            nullable=True,
            comment="secret value: booklet or building that several share",
        ),
        sa.Column("account_id", sa.Uuid(), nullable=True, comment="secret value"),
        sa.Column("other_number_id", sa.Uuid(), nullable=True, comment="secret value"),
        sa.Column("other_name", sa.String(length=80), nullable=True),
        sa.Column(
            "agrees",
            sa.Boolean(),
            nullable=True,
            comment="a certificate's number begins with the holder's identity number",
        ),
        sa.PrimaryKeyConstraint("batch_id", "row_number", "side", name=op.f("pk_register_entry")),
    )
    op.create_index(
        "ix_register_entry_account",
        "register_entry",
        ["account_id"],
        unique=False,
        postgresql_where=sa.text("account_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_register_entry_entry_key_id"), "register_entry", ["entry_key_id"], unique=False
    )
    op.create_index(
        "ix_register_entry_group",
        "register_entry",
        ["group_id"],
        unique=False,
        postgresql_where=sa.text("group_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_register_entry_number_id_register"),
        "register_entry",
        ["number_id", "register"],
        unique=False,
    )
    op.create_table(
        "register_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "register",
            words(*REGISTERS, name="register"),
            nullable=False,
        ),
        sa.Column("department_code", sa.String(length=8), nullable=False),
        sa.Column(
            "layout", sa.String(length=40), nullable=False, comment="layout and its version, R01@1"
        ),
        sa.Column(
            "content",
            words("whole", "changes", name="content"),
            nullable=False,
        ),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column(
            "status",
            words("loaded", "failed", "repeated", "undone", name="registerbatchstatus"),
            nullable=False,
        ),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("loaded", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column(
            "fault", sa.String(length=400), nullable=True, comment="why a whole file was refused"
        ),
        sa.Column("repeats_id", sa.Uuid(), nullable=True, comment="the batch this file repeats"),
        sa.Column("data_on", sa.Date(), nullable=True, comment="the day the file speaks of"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "status <> 'loaded' OR data_on IS NOT NULL",
            name=op.f("ck_register_batch_loaded_of_a_day"),
        ),
        sa.CheckConstraint(
            "loaded >= 0 AND rejected >= 0", name=op.f("ck_register_batch_counts_not_negative")
        ),
        sa.CheckConstraint(
            "received = loaded + rejected", name=op.f("ck_register_batch_received_adds_up")
        ),
        sa.ForeignKeyConstraint(
            ["department_code"],
            ["department.code"],
            name=op.f("fk_register_batch_department_code_department"),
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_register_batch_file_id_stored_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_batch")),
    )
    op.create_index(
        "ix_register_batch_live",
        "register_batch",
        ["register", "data_on", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'loaded'"),
    )
    op.create_index(
        "uq_register_batch_live_file",
        "register_batch",
        ["register", "sha256"],
        unique=True,
        postgresql_where=sa.text("status = 'loaded'"),
    )
    op.create_table(
        "register_rejected_row",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column(
            "row_number",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="as the spreadsheet shows it, from 1",
        ),
        sa.Column("column", sa.String(length=80), nullable=True, comment="heading in the file"),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column(
            "reason", sa.String(length=200), nullable=False, comment="Chinese, without the value"
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["register_batch.id"],
            name=op.f("fk_register_rejected_row_batch_id_register_batch"),
        ),
        sa.PrimaryKeyConstraint("batch_id", "row_number", name=op.f("pk_register_rejected_row")),
    )
    op.execute("ALTER TABLE register_entry ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE register_entry FORCE ROW LEVEL SECURITY")
    # The registrar and the worker pass row security; it shows the others nothing.
    op.execute("CREATE POLICY nobody ON register_entry USING (false)")


def downgrade() -> None:
    for table in ("register_rejected_row", "register_batch", "register_entry"):
        op.drop_table(table)
    # Nothing else refers to what the registers alone knew things by.
    op.execute("DELETE FROM secret_value WHERE kind = 'register_key'")
