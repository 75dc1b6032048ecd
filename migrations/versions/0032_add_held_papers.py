"""Keep which papers need not be asked for, and with which divisions identity numbers begin.

Before: nobody watched what an office asks for, and a number of a division that never was counted.
After: both are reference data; of a number that begins with no known division its secret value is
noted when a file brings it. What came before is noted with the next file.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0032_add_held_papers"
down_revision = "0031_add_standard_rises"

# Codes of six digits.
EXCUSED = ("prefer-bigint-over-int",)


def upgrade() -> None:
    op.create_table(
        "held_paper",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column(
            "words",
            postgresql.ARRAY(sa.String(length=20)),
            nullable=False,
            comment="a request that holds one of them asks for the paper",
        ),
        sa.Column(
            "lists",
            postgresql.ARRAY(sa.String(length=8)),
            nullable=False,
            comment="codes of the schemes whose lists tell it",
        ),
        sa.Column(
            "registers",
            postgresql.ARRAY(sa.String(length=30)),
            nullable=False,
            comment="outside registers that tell it",
        ),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("confidence", sa.String(length=4), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_held_paper")),
    )
    op.create_table(
        "number_division",
        sa.Column("code", sa.Integer(), autoincrement=False, nullable=False, comment="six digits"),
        sa.Column("name", sa.String(length=80), nullable=False, comment="the last that it had"),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_number_division")),
    )
    op.create_table(
        "unplaced_number",
        sa.Column("citizen_id", sa.Uuid(), nullable=False, comment="secret_value"),
        sa.ForeignKeyConstraint(
            ["citizen_id"],
            ["secret_value.id"],
            name=op.f("fk_unplaced_number_citizen_id_secret_value"),
        ),
        sa.PrimaryKeyConstraint("citizen_id", name=op.f("pk_unplaced_number")),
    )
    op.execute("ALTER TABLE unplaced_number ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE unplaced_number FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY viewer ON unplaced_number USING"
        " (EXISTS (SELECT FROM person p WHERE p.citizen_id = unplaced_number.citizen_id))"
    )


def downgrade() -> None:
    op.drop_table("unplaced_number")
    op.drop_table("number_division")
    op.drop_table("held_paper")
