"""Let all processes share WeChat's access token, and know which pushes have come.

Before: nothing was kept of WeChat. After: one row a mini program holds the sealed token, and a row
a push its digest, for two days.
"""

from alembic import op
import sqlalchemy as sa

revision = "0040_share_wechat_token"
down_revision = "0039_guard_what_was_decided"

# The tables are new, so nobody waits for an index.
EXCUSED = ("require-concurrent-index-creation",)


def upgrade() -> None:
    op.create_table(
        "wechat_delivery",
        sa.Column("key", sa.String(length=64), nullable=False, comment="digest of the push"),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_wechat_delivery")),
    )
    op.create_index(
        op.f("ix_wechat_delivery_received_at"), "wechat_delivery", ["received_at"], unique=False
    )
    op.create_table(
        "wechat_token",
        sa.Column("appid", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="before WeChat lets it run out",
        ),
        sa.Column(
            "forced_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when a new one was last forced: WeChat allows few a day",
        ),
        sa.PrimaryKeyConstraint("appid", name=op.f("pk_wechat_token")),
    )


def downgrade() -> None:
    op.drop_table("wechat_token")
    op.drop_table("wechat_delivery")
