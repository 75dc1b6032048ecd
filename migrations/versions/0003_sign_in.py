"""Second factors, the age of passwords, named sessions and grants by two persons.

Who signed in before goes on with a session without second factor: whose role asks for one is led
to set it up. A password counts as set when its account was made, and is asked for anew after the
days that the installation sets.
"""

from alembic import op
import sqlalchemy as sa

revision = "0003_sign_in"
down_revision = "0002_row_security"
branch_labels = None
depends_on = None

ROLE_CHECKS = {
    "not_granted_by_oneself": "granted_by <> account_id",
    "not_proposed_by_oneself": "proposed_by <> account_id",
    "two_persons": "proposed_by <> granted_by",
}


def _accepted(rule: str, statement: str) -> None:
    """Run what locks a table for a moment: these hold a few rows for each member of staff."""
    op.execute(f"-- squawk-ignore {rule}\n{statement}")


def _account_column(**options: object) -> sa.Column[object]:
    return sa.Column("account_id", sa.Uuid(), nullable=False, **options)


def upgrade() -> None:
    op.add_column("account", sa.Column("password_set_at", sa.DateTime(timezone=True)))
    op.add_column(
        "account",
        sa.Column(
            "must_change_password",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="someone else knows the present one",
        ),
    )
    op.execute("UPDATE account SET password_set_at = created_at")
    _accepted("adding-not-nullable-field", "ALTER TABLE account ALTER password_set_at SET NOT NULL")
    _accepted("ban-drop-default", "ALTER TABLE account ALTER must_change_password DROP DEFAULT")

    op.add_column("account_role", sa.Column("proposed_by", sa.Uuid()))
    op.execute("COMMENT ON COLUMN account_role.granted_by IS 'who approved it'")
    # No application has ever let anyone grant to oneself; what someone did by hand stops here.
    for name, rule in ROLE_CHECKS.items():
        op.execute(
            f"ALTER TABLE account_role ADD CONSTRAINT ck_account_role_{name} CHECK ({rule}) NOT VALID"
        )
        op.execute(f"ALTER TABLE account_role VALIDATE CONSTRAINT ck_account_role_{name}")

    op.add_column(
        "staff_session",
        sa.Column("id", sa.Uuid(), comment="to name it without its hash"),
    )
    op.add_column(
        "staff_session",
        sa.Column(
            "second_factor",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="a code was given in this session",
        ),
    )
    op.add_column(
        "staff_session",
        sa.Column(
            "confirmed_at",
            sa.DateTime(timezone=True),
            comment="when its holder last proved who they are: a code, or a password for want of one",
        ),
    )
    op.execute("UPDATE staff_session SET id = gen_random_uuid()")
    _accepted("adding-not-nullable-field", "ALTER TABLE staff_session ALTER id SET NOT NULL")
    _accepted("ban-drop-default", "ALTER TABLE staff_session ALTER second_factor DROP DEFAULT")
    _accepted(
        "constraint-missing-not-valid, disallowed-unique-constraint",
        "ALTER TABLE staff_session ADD CONSTRAINT uq_staff_session_id UNIQUE (id)",
    )

    op.create_table(
        "password_history",
        sa.Column("id", sa.Uuid(), nullable=False),
        _account_column(),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_password_history_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_history")),
    )
    _accepted(
        "require-concurrent-index-creation",
        "CREATE INDEX ix_password_history_account_id ON password_history (account_id)",
    )
    op.create_table(
        "account_totp",
        _account_column(),
        sa.Column(
            "sealed",
            sa.LargeBinary(),
            nullable=False,
            comment="envelope; associated data: the account's id",
        ),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "confirmed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="empty: no first code given yet",
        ),
        sa.Column(
            "last_step",
            sa.BigInteger(),
            nullable=True,
            comment="Unix time of the last code / 30",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_totp_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account_totp")),
    )
    op.create_table(
        "recovery_code",
        _account_column(),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", "digest", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "grant_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        _account_column(),
        sa.Column(
            "kind",
            sa.Enum("role", "region", "totp_reset", name="grantkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "what",
            sa.String(length=40),
            nullable=False,
            comment="role, or region or zone code, or empty",
        ),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "proposed_by <> account_id", name=op.f("ck_grant_proposal_not_for_oneself")
        ),
        sa.CheckConstraint("decided_by <> proposed_by", name=op.f("ck_grant_proposal_two_persons")),
        sa.CheckConstraint(
            "decided_by <> account_id", name=op.f("ck_grant_proposal_not_decided_by_its_subject")
        ),
        sa.CheckConstraint(
            "num_nonnulls(decided_by, decided_at, approved) IN (0, 3)",
            name=op.f("ck_grant_proposal_decided_or_open"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["account.id"], name=op.f(f"fk_grant_proposal_{column}_account")
            )
            for column in ("account_id", "proposed_by", "decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_proposal")),
    )
    _accepted(
        "require-concurrent-index-creation",
        "CREATE UNIQUE INDEX uq_grant_proposal_open ON grant_proposal (account_id, kind, what)"
        " WHERE decided_at IS NULL",
    )


def downgrade() -> None:
    op.drop_table("grant_proposal")
    op.drop_table("recovery_code")
    op.drop_table("account_totp")
    op.drop_table("password_history")
    op.drop_constraint(op.f("uq_staff_session_id"), "staff_session", type_="unique")
    for column in ("id", "second_factor", "confirmed_at"):
        op.drop_column("staff_session", column)
    for name in ROLE_CHECKS:
        op.drop_constraint(op.f(f"ck_account_role_{name}"), "account_role", type_="check")
    op.execute("COMMENT ON COLUMN account_role.granted_by IS NULL")
    op.drop_column("account_role", "proposed_by")
    op.drop_column("account", "must_change_password")
    op.drop_column("account", "password_set_at")
