"""Let people sign in to the mini program.

Before: nothing was kept of them. After: an account for each openid, its sessions and what it agreed
to. The mini program's database account sees a row for the token or openid that a request shows, as
digests, or for the account that the token turned out to be; nobody else sees them but the worker.
"""

from alembic import op
import sqlalchemy as sa

revision = "0042_sign_in_to_mini_program"
down_revision = "0040_share_wechat_token"

# The tables are new, so nobody waits for an index; a version is a small number.
EXCUSED = (
    "adding-foreign-key-constraint",
    "prefer-bigint-over-int",
    "require-concurrent-index-creation",
)

PRESENTED = """
CREATE FUNCTION presented_digests() RETURNS bytea[] LANGUAGE sql STABLE AS
$$ SELECT coalesce(array_agg(decode(one, 'hex')), '{}') FROM
unnest(string_to_array(nullif(current_setting('relief.presented', true), ''), ',')) one $$
"""
SHOWN = "{column} = ANY ((SELECT presented_digests())::bytea[])"
OWN = "{column} = (SELECT viewer_id())"
# Table → which rows are seen and written.
POLICIES = {
    "mini_account": f"{OWN.format(column='id')} OR {SHOWN.format(column='openid_index')}",
    "mini_session": f"{OWN.format(column='account_id')} OR {SHOWN.format(column='token_hash')}",
    # A session is read here under its own policy.
    "mini_consent": f"{OWN.format(column='account_id')} OR EXISTS"
    " (SELECT FROM mini_session s WHERE s.account_id = mini_consent.account_id)",
}


def upgrade() -> None:
    op.create_table(
        "mini_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("openid_index", sa.LargeBinary(), nullable=False),
        sa.Column(
            "index_key_id", sa.BigInteger(), nullable=False, comment="which key made openid_index"
        ),
        sa.Column(
            "openid",
            sa.LargeBinary(),
            nullable=False,
            comment="envelope; associated data: the row's id",
        ),
        sa.Column(
            "session_key",
            sa.LargeBinary(),
            nullable=True,
            comment="envelope: of the newest sign-in; WeChat's, and never sent out",
        ),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mini_account")),
        sa.UniqueConstraint("openid_index", name=op.f("uq_mini_account_openid_index")),
    )
    op.create_table(
        "mini_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "idle_until", sa.DateTime(timezone=True), nullable=False, comment="moves on with use"
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="absolute end"),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["mini_account.id"],
            name=op.f("fk_mini_session_account_id_mini_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mini_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_mini_session_token_hash")),
    )
    op.create_index(
        "ix_mini_session_open",
        "mini_session",
        ["account_id"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(op.f("ix_mini_session_expires_at"), "mini_session", ["expires_at"])
    op.create_table(
        "mini_consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["mini_account.id"],
            name=op.f("fk_mini_consent_account_id_mini_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mini_consent")),
    )
    op.create_index(
        "uq_mini_consent_open",
        "mini_consent",
        ["account_id", "version"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.execute(PRESENTED)
    for table, seen in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own ON {table} USING ({seen})")


def downgrade() -> None:
    for table in reversed(POLICIES):
        op.drop_table(table)
    op.execute("DROP FUNCTION presented_digests()")
