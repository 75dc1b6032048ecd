"""Keep to whom a case pays: entered by one person, confirmed by another, and told to a telephone.

Before: nobody was paid by the platform, and notices went to staff alone. After: payees with their
history, the one in force named by each entitlement; the outbox also takes text messages to
telephones of families. Safe while the old code runs: it neither reads nor writes the new columns.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0033_add_payees"
down_revision = "0032_add_held_papers"

# The table is new, so nobody waits for an index; what is counted are households.
EXCUSED = ("ban-drop-not-null", "prefer-bigint-over-int", "require-concurrent-index-creation")

DEPARTMENT = "(SELECT viewer_department())"
SEEN = (
    "EXISTS (SELECT FROM aid_case c JOIN scheme s ON s.code = c.scheme_code"
    f" WHERE c.id = case_payee.case_id AND ({DEPARTMENT} IS NULL"
    f" OR s.department_code = {DEPARTMENT}))"
)
CHECKS = {
    "one_addressee": "(recipient_id IS NULL) <> (phone_id IS NULL)",
    "sms_to_phones": "(channel = 'sms') = (phone_id IS NOT NULL)",
}


def upgrade() -> None:
    op.create_table(
        "case_payee",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "self",
                "guardian",
                "institution",
                "hospital",
                "school",
                name="payeekind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "form",
            sa.Enum(
                "card", "passbook", "corporate", name="accountform", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "bank_code", sa.String(length=12), nullable=False, comment="of the branch: 联行号"
        ),
        sa.Column("number_id", sa.Uuid(), nullable=False, comment="secret value: the account"),
        sa.Column("number_masked", sa.String(length=40), nullable=False),
        sa.Column(
            "holder", sa.String(length=120), nullable=False, comment="in whose name the account is"
        ),
        sa.Column(
            "relation",
            sa.String(length=2),
            nullable=True,
            comment="of a guardian to who the aid is for, GB/T 4761",
        ),
        sa.Column("phone_id", sa.Uuid(), nullable=True, comment="secret value"),
        sa.Column("phone_masked", sa.String(length=20), nullable=True),
        sa.Column("proof", sa.Text(), nullable=False, comment="by what the holder is known"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "households",
            sa.Integer(),
            nullable=False,
            comment="that had the account when it was entered, this one counted; 0: not a person's",
        ),
        sa.Column(
            "old_phones",
            postgresql.ARRAY(sa.Uuid()),
            nullable=False,
            comment="secret values: known before it was entered; they are told",
        ),
        sa.Column(
            "told",
            postgresql.ARRAY(sa.String(length=20)),
            nullable=False,
            comment="the same, masked",
        ),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "in_force",
                "replaced",
                "refused",
                "withdrawn",
                name="payeestate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "held",
            postgresql.TSTZRANGE(),
            nullable=True,
            comment="from when it is in force, up to the next one",
        ),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("case_id"), "="),
            (sa.column("held"), "&&"),
            using="gist",
            name="one_payee_at_a_time",
        ),
        sa.CheckConstraint(
            "(kind = 'guardian') = (relation IS NOT NULL)",
            name=op.f("ck_case_payee_related_guardian"),
        ),
        sa.CheckConstraint(
            "(kind IN ('self', 'guardian')) = (form <> 'corporate')",
            name=op.f("ck_case_payee_form_fits_kind"),
        ),
        sa.CheckConstraint(
            "(state = 'in_force') = (held IS NOT NULL AND upper_inf(held))",
            name=op.f("ck_case_payee_held_still"),
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (answered_at IS NULL)"
            " AND (answered_at IS NULL) = (answered_by IS NULL)"
            " AND (answered_at IS NULL) = (answer IS NULL)",
            name=op.f("ck_case_payee_answered_whole"),
        ),
        sa.CheckConstraint(
            "(state IN ('in_force', 'replaced')) = (held IS NOT NULL)",
            name=op.f("ck_case_payee_held"),
        ),
        sa.CheckConstraint(
            "state = 'withdrawn' OR answered_by <> proposed_by",
            name=op.f("ck_case_payee_two_persons"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["account.id"], name=op.f("fk_case_payee_answered_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_case_payee_case_id_aid_case")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["account.id"], name=op.f("fk_case_payee_proposed_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_payee")),
    )
    op.create_index(op.f("ix_case_payee_case_id"), "case_payee", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_payee_number_id"), "case_payee", ["number_id"], unique=False)
    op.create_index(
        "uq_case_payee_proposed",
        "case_payee",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.add_column(
        "entitlement",
        sa.Column(
            "payee_id",
            sa.Uuid(),
            nullable=True,
            comment="case_payee to whom it is paid; empty: nobody was entered yet",
        ),
    )
    op.add_column(
        "outbox_message",
        sa.Column("phone_id", sa.Uuid(), nullable=True, comment="secret value: of the family"),
    )
    op.alter_column(
        "outbox_message",
        "recipient_id",
        existing_type=sa.UUID(),
        nullable=True,
        existing_comment="staff account",
    )
    for name, condition in CHECKS.items():
        op.execute(
            f"ALTER TABLE outbox_message ADD CONSTRAINT ck_outbox_message_{name}"
            f" CHECK ({condition}) NOT VALID"
        )
        op.execute(f"ALTER TABLE outbox_message VALIDATE CONSTRAINT ck_outbox_message_{name}")
    op.execute("ALTER TABLE case_payee ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE case_payee FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY viewer ON case_payee USING ({SEEN})")
    # Beside what is seen of people: whoever sees a payee may be shown its number, on a ground.
    op.execute(
        "CREATE POLICY payee ON secret_value FOR SELECT USING"
        " (EXISTS (SELECT FROM case_payee p WHERE p.number_id = secret_value.id))"
    )


def downgrade() -> None:
    op.execute("DROP POLICY payee ON secret_value")
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_outbox_message_{name}"), "outbox_message")
    op.execute("DELETE FROM outbox_message WHERE phone_id IS NOT NULL")
    op.alter_column("outbox_message", "recipient_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_column("outbox_message", "phone_id")
    op.drop_column("entitlement", "payee_id")
    op.drop_table("case_payee")
