"""Let a city draft, sign and publish versions of its procedures in the console.

Before: versions came from the seeds alone. After: a version says where it comes from and, if it was
published in the console, who proposed and signed it; such a version, its stages and a draft that is
closed are never changed. A version may say who takes part in a joint review, a stage what is needed.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0029_add_procedure_drafts"
down_revision = "0028_add_outside_registers"

# The table is new; the others hold the seeds' few rows, which nobody waits long for. Versions are
# counted by hand.
EXCUSED = (
    "adding-foreign-key-constraint",
    "constraint-missing-not-valid",
    "prefer-bigint-over-int",
    "require-concurrent-index-creation",
)

LIVE = "status IN ('open', 'proposed')"
KEEP_VERSION = """
CREATE FUNCTION keep_published_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.origin = 'console' THEN
        RAISE EXCEPTION 'version % of % is published', OLD.version, OLD.code
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'procedure_published';
    ELSIF TG_OP = 'UPDATE' AND NEW.origin <> OLD.origin THEN
        RAISE EXCEPTION 'version % of % is of the seeds', OLD.version, OLD.code
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'procedure_origin';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$
"""
KEEP_STAGE = """
CREATE FUNCTION keep_published_stage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM procedure p WHERE p.origin = 'console' AND (p.code, p.version) IN (
            (OLD.procedure_code, OLD.procedure_version), (NEW.procedure_code, NEW.procedure_version)
        )
    ) THEN
        RAISE EXCEPTION 'a stage of a version that is published'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'procedure_published';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$
"""
KEEP_DRAFT = """
CREATE FUNCTION keep_closed_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status IN ('published', 'discarded') THEN
        RAISE EXCEPTION 'draft % is closed', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'procedure_draft_closed';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$
"""


def words(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40)


def upgrade() -> None:
    op.create_table(
        "procedure_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("procedure_code", sa.String(length=20), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False, comment="which version was copied"),
        sa.Column(
            "content", postgresql.JSONB(), nullable=False, comment="as drafting.content has it"
        ),
        sa.Column(
            "editors",
            postgresql.JSONB(),
            nullable=False,
            comment="ids of the accounts that wrote any of it",
        ),
        sa.Column(
            "status",
            words("open", "proposed", "published", "discarded", name="draftstatus"),
            nullable=False,
        ),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_by", sa.Uuid(), nullable=False, comment="last"),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "valid_from", sa.Date(), nullable=True, comment="proposed: from when it is to hold"
        ),
        sa.Column(
            "digest", sa.LargeBinary(), nullable=True, comment="SHA-256 of what is to be signed"
        ),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "returned_reason",
            sa.String(length=400),
            nullable=True,
            comment="why it was last sent back",
        ),
        sa.Column("closed_by", sa.Uuid(), nullable=True, comment="who signed it, or threw it away"),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_version", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('proposed', 'published')) = (proposed_by IS NOT NULL)"
            " AND (proposed_by IS NULL) = (valid_from IS NULL)"
            " AND (proposed_by IS NULL) = (proposed_at IS NULL)"
            " AND (proposed_by IS NULL) = (digest IS NULL)",
            name=op.f("ck_procedure_draft_proposed_whole"),
        ),
        sa.CheckConstraint(
            f"({LIVE}) = (closed_by IS NULL) AND (closed_by IS NULL) = (closed_at IS NULL)",
            name=op.f("ck_procedure_draft_closed_whole"),
        ),
        sa.CheckConstraint(
            "(status = 'published') = (published_version IS NOT NULL)",
            name=op.f("ck_procedure_draft_published_whole"),
        ),
        sa.CheckConstraint(
            "status <> 'published' OR closed_by <> proposed_by AND NOT editors ? closed_by::text",
            name=op.f("ck_procedure_draft_four_eyes"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["account.id"], name=op.f(f"fk_procedure_draft_{column}_account")
            )
            for column in ("closed_by", "created_by", "edited_by", "proposed_by")
        ),
        sa.ForeignKeyConstraint(
            ["procedure_code", "base_version"],
            ["procedure.code", "procedure.version"],
            name=op.f("fk_procedure_draft_procedure_code_base_version_procedure"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedure_draft")),
    )
    op.create_index(
        "uq_procedure_draft_live",
        "procedure_draft",
        ["procedure_code"],
        unique=True,
        postgresql_where=sa.text(LIVE),
    )
    op.add_column(
        "procedure_stage",
        sa.Column(
            "papers",
            postgresql.JSONB(),
            server_default=sa.text("'[]'"),
            nullable=False,
            comment="what is needed, in words",
        ),
    )
    op.add_column(
        "procedure",
        sa.Column(
            "joint",
            postgresql.JSONB(),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="scheme → departments, where it says otherwise",
        ),
    )
    op.add_column(
        "procedure",
        sa.Column(
            "origin",
            words("seeds", "console", name="origin"),
            server_default=sa.text("'seeds'"),
            nullable=False,
        ),
    )
    for column in ("proposed_by", "signed_by"):
        op.add_column("procedure", sa.Column(column, sa.Uuid(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_procedure_{column}_account"), "procedure", "account", [column], ["id"]
        )
    op.add_column("procedure", sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "procedure",
        sa.Column("digest", sa.LargeBinary(), nullable=True, comment="SHA-256 of what was signed"),
    )
    op.create_check_constraint(
        op.f("ck_procedure_published_whole"),
        "procedure",
        "(origin = 'console') = (signed_by IS NOT NULL)"
        " AND (signed_by IS NULL) = (proposed_by IS NULL)"
        " AND (signed_by IS NULL) = (published_at IS NULL)"
        " AND (signed_by IS NULL) = (digest IS NULL)",
    )
    op.create_check_constraint(
        op.f("ck_procedure_four_eyes"), "procedure", "signed_by <> proposed_by"
    )
    for function in (KEEP_VERSION, KEEP_STAGE, KEEP_DRAFT):
        op.execute(function)
    for table, moments, function in (
        ("procedure", "UPDATE OR DELETE", "keep_published_version"),
        ("procedure_stage", "INSERT OR UPDATE OR DELETE", "keep_published_stage"),
        ("procedure_draft", "UPDATE OR DELETE", "keep_closed_draft"),
    ):
        op.execute(
            f"CREATE TRIGGER {function} BEFORE {moments} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {function}()"
        )


def downgrade() -> None:
    op.drop_table("procedure_draft")
    op.execute("DROP TRIGGER keep_published_version ON procedure")
    op.execute("DROP TRIGGER keep_published_stage ON procedure_stage")
    for function in ("version", "stage"):
        op.execute(f"DROP FUNCTION keep_published_{function}()")
    op.execute("DROP FUNCTION keep_closed_draft()")
    op.drop_constraint(op.f("ck_procedure_four_eyes"), "procedure", type_="check")
    op.drop_constraint(op.f("ck_procedure_published_whole"), "procedure", type_="check")
    for column in ("digest", "published_at", "signed_by", "proposed_by", "origin", "joint"):
        op.drop_column("procedure", column)
    op.drop_column("procedure_stage", "papers")
