"""Keep what people are given in writing: slips, lists of what is missing, decisions.

Before: an act left its reasons in the case, and nothing to hand over. After: each such act issues a
paper with a number, a verification code and the digest of its words; cases from before have none.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0020_add_papers"
down_revision = "0019_add_checks"

# The table is new, so nobody waits for an index.
EXCUSED = ("require-concurrent-index-creation",)

# What anyone may know who holds a paper: that it is ours. Without a viewer, so by the owner.
GENUINE = """
CREATE FUNCTION genuine_paper(given_number text, given_code text)
RETURNS TABLE (kind text, number text, issuer text, issued_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT p.kind, p.number, p.issuer, p.issued_at FROM case_paper p
  WHERE p.number = given_number AND p.code = given_code
$$
"""


def upgrade() -> None:
    op.create_table(
        "case_paper",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "acceptance",
                "missing",
                "decision",
                "hearing",
                "change",
                name="paperkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=32), nullable=False, comment="for people: 文书编号"),
        sa.Column(
            "code",
            sa.String(length=16),
            nullable=False,
            comment="with the number, proves it: 核验码",
        ),
        sa.Column("words", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column(
            "issuer",
            sa.String(length=120),
            nullable=False,
            comment="the office: public with the number",
        ),
        sa.Column("issued_by", sa.Uuid(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_case_paper_case_id_aid_case")
        ),
        sa.ForeignKeyConstraint(
            ["issued_by"], ["account.id"], name=op.f("fk_case_paper_issued_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_paper")),
        sa.UniqueConstraint("number", name=op.f("uq_case_paper_number")),
    )
    op.create_index(op.f("ix_case_paper_case_id"), "case_paper", ["case_id"], unique=False)
    op.execute("ALTER TABLE case_paper ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE case_paper FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY viewer ON case_paper"
        " USING (EXISTS (SELECT FROM aid_case c WHERE c.id = case_paper.case_id))"
    )
    op.execute(GENUINE)


def downgrade() -> None:
    op.execute("DROP FUNCTION genuine_paper(text, text)")
    op.drop_table("case_paper")
