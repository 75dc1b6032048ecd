"""Say of each stage of a procedure what it is, what it waits for and what its end starts.

Before: a stage named an event that nothing raised, and an owner that was a word. After: events and
owners are tables, and `relief schemes check` can prove a procedure. What is in stock becomes an
examination that raises nothing, until `relief setup` loads the catalogue again.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014_sound_procedures"
down_revision = "0013_channel_of_a_batch"

# The defaults are for what is in stock, only; whoever adds a stage says what it is.
EXCUSED = ("ban-drop-default",)
KINDS = (
    "acceptance", "kin_filing", "survey", "data_check", "examination", "joint", "first_opinion",
    "public_notice", "confirmation", "telling", "explanation", "assessment", "assignment",
    "settlement",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "procedure_event",
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("outside", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(200)),
    )
    op.create_table(
        "stage_owner",
        sa.Column("code", sa.String(60), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column(
            "levels", JSONB(), nullable=False, comment="levels of region; of several, either"
        ),
        sa.Column("department_code", sa.String(8), sa.ForeignKey("department.code")),
        sa.Column(
            "each",
            sa.Enum("lead", "joint", name="each", native_enum=False, length=40),
            comment="where the scheme says which",
        ),
        sa.Column("school", sa.Boolean(), nullable=False, comment="the office acts for schools"),
        sa.CheckConstraint("(department_code IS NULL) <> (each IS NULL)", name="one_way_to_tell"),
    )
    kind = sa.Enum(*KINDS, name="stagekind", native_enum=False, length=40)
    empty = sa.text("'[]'::jsonb")
    for column in (
        sa.Column("kind", kind, nullable=False, server_default="examination"),
        sa.Column(
            "raises", JSONB(), nullable=False, server_default=empty,
            comment="events that its end raises",
        ),
        sa.Column(
            "after", JSONB(), nullable=False, server_default=empty,
            comment="codes of stages that must have ended",
        ),
        sa.Column(
            "conceals", sa.Boolean(), nullable=False, server_default=sa.false(),
            comment="a notice that must not show hardship",
        ),
    ):  # fmt: skip
        op.add_column("procedure_stage", column)
        op.alter_column("procedure_stage", column.name, server_default=None)

    op.add_column(
        "procedure",
        sa.Column(
            "rolls", sa.Boolean(), nullable=False, server_default=sa.true(),
            comment="a calendar limit ends on a working day",
        ),
    )  # fmt: skip
    op.alter_column("procedure", "rolls", server_default=None)


def downgrade() -> None:
    op.drop_column("procedure", "rolls")
    for name in ("conceals", "after", "raises", "kind"):
        op.drop_column("procedure_stage", name)
    op.drop_table("stage_owner")
    op.drop_table("procedure_event")
