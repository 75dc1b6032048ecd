"""Send the text messages that wait in the outbox.

Before: rows of the channel `sms` had free words and waited for ever. After: each names its template
with what stands in its places, the masked number, and what became of it; who may see that is let
through row security. What waits gets the template of its title and is sent, unless it is older than
the parameter `sms_waiting_hours_max` allows: then the worker ends it and says so. A row that old code
still adds meanwhile names no template, and ends with that reason.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0038_send_text_messages"
down_revision = "0037_add_roster_acts"

# A telephone's messages are few among those of the outbox, and they alone are changed and indexed:
# whoever tells something waits a moment, and all of this is there or nothing.
EXCUSED = ("prefer-bigint-over-int", "require-concurrent-index-creation")

INDEXES = {
    "ix_outbox_message_phone_day": (["phone_id", "counted_on"], "counted_on IS NOT NULL"),
    "ix_outbox_message_texts": (["id"], "channel = 'sms'"),
    "ix_outbox_message_texts_by_status": (["status", "id"], "channel = 'sms'"),
}
WAITING = """
UPDATE outbox_message m SET
  template = CASE m.title
    WHEN '申请登记收款账户' THEN 'payee-entry-proposed'
    WHEN '申请变更收款账户' THEN 'payee-change-proposed'
    WHEN '收款账户已生效' THEN 'payee-in-force'
  END,
  template_values = jsonb_build_object('case', substring(m.body FROM '（([^）]+)）')),
  phone_masked = coalesce(
    p.told[array_position(p.old_phones, m.phone_id)],
    CASE WHEN p.phone_id = m.phone_id THEN p.phone_masked END
  )
FROM case_payee p
WHERE m.channel = 'sms' AND m.dedupe_key LIKE 'payee:%' AND p.id::text = split_part(m.dedupe_key, ':', 2)
"""
# Text messages alone, and of these to whoever has one of the posts that look after them.
SEEN = (
    "channel = 'sms' AND EXISTS (SELECT FROM account_role r WHERE r.account_id = (SELECT viewer_id())"
    " AND r.role IN ('steward', 'system_admin'))"
)


def upgrade() -> None:
    op.add_column("outbox_message", sa.Column("template", sa.String(length=40), nullable=True))
    op.add_column(
        "outbox_message",
        sa.Column(
            "template_values",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="no personal data",
        ),
    )
    op.add_column("outbox_message", sa.Column("phone_masked", sa.String(length=20), nullable=True))
    op.add_column(
        "outbox_message",
        sa.Column(
            "handed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="to the provider, the last time; empty: surely not sent",
        ),
    )
    op.add_column(
        "outbox_message",
        sa.Column(
            "counted_on", sa.Date(), nullable=True, comment="on which day's limit of the phone"
        ),
    )
    op.add_column(
        "outbox_message",
        sa.Column("provider", sa.String(length=20), nullable=True, comment="fake: nobody was told"),
    )
    op.add_column("outbox_message", sa.Column("provider_id", sa.String(length=80), nullable=True))
    op.add_column(
        "outbox_message",
        sa.Column(
            "provider_code", sa.String(length=60), nullable=True, comment="its word for why not"
        ),
    )
    op.execute(WAITING)
    op.execute(f"CREATE POLICY texts ON outbox_message FOR SELECT USING ({SEEN})")
    for name, (columns, condition) in INDEXES.items():
        op.create_index(name, "outbox_message", columns, postgresql_where=sa.text(condition))


def downgrade() -> None:
    op.execute("DROP POLICY texts ON outbox_message")
    for name in reversed(INDEXES):
        op.drop_index(name, table_name="outbox_message")
    # What a dead worker may have handed over is known as such no more: it is in doubt from here on.
    op.execute(
        "UPDATE outbox_message SET status = 'unknown', lease_token = NULL, lease_until = NULL"
        " WHERE channel = 'sms' AND status = 'sending' AND handed_at IS NOT NULL"
    )
    # What was known before: it was handed over, or it failed.
    op.execute("UPDATE outbox_message SET status = 'delivered' WHERE status = 'sent'")
    op.execute("UPDATE outbox_message SET status = 'failed' WHERE status = 'expired'")
    op.drop_column("outbox_message", "provider_code")
    op.drop_column("outbox_message", "provider_id")
    op.drop_column("outbox_message", "provider")
    op.drop_column("outbox_message", "counted_on")
    op.drop_column("outbox_message", "handed_at")
    op.drop_column("outbox_message", "phone_masked")
    op.drop_column("outbox_message", "template_values")
    op.drop_column("outbox_message", "template")
