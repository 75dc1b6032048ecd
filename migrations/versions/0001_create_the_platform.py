"""Create the platform's first tables, the row history and the guards of the audit trail.

The history trigger works on whole statements, through transition tables, so that it sees bulk
SQL too and costs little: one insert for a COPY of 100,000 rows.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0001_create_the_platform"
down_revision = None
branch_labels = None
depends_on = None


class TransactionId(sa.types.UserDefinedType):
    """PostgreSQL's xid8."""

    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        return "xid8"


# Table → the column that names the row in row_version.
HISTORY = {
    "person": "id",
    "household": "id",
    "membership": "person_id",
    "enrolment": "id",
}
EVENTS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}
APPEND_ONLY = ("audit_event", "row_version")

# The settings relief.now, relief.actor and relief.reason are made by audit.attribute().
ROW_HISTORY = """
CREATE FUNCTION record_row_versions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  key text := TG_ARGV[0];
  untold text[] := TG_ARGV[1:];
  moment timestamptz := coalesce(
    nullif(current_setting('relief.now', true), '')::timestamptz, clock_timestamp());
  actor uuid := nullif(current_setting('relief.actor', true), '')::uuid;
  why text := nullif(current_setting('relief.reason', true), '');
BEGIN
  IF TG_OP = 'INSERT' THEN
    EXECUTE format(
      'INSERT INTO row_version (table_name, row_id, op, changed_at, actor_id, reason)'
      ' SELECT %L, n.%I, ''I'', $1, $2, $3 FROM new_rows n', TG_TABLE_NAME, key)
      USING moment, actor, why;
  ELSIF TG_OP = 'DELETE' THEN
    EXECUTE format(
      'INSERT INTO row_version (table_name, row_id, op, changed_at, actor_id, reason, before)'
      ' SELECT %L, o.%I, ''D'', $1, $2, $3, to_jsonb(o) FROM old_rows o', TG_TABLE_NAME, key)
      USING moment, actor, why;
  ELSE
    EXECUTE format(
      'INSERT INTO row_version (table_name, row_id, op, changed_at, actor_id, reason, before, after)'
      ' SELECT %L, n.%I, ''U'', $1, $2, $3, d.before, d.after'
      ' FROM old_rows o JOIN new_rows n USING (%I)'
      ' CROSS JOIN LATERAL ('
      '   SELECT jsonb_object_agg(x.key, x.value) AS before,'
      '          jsonb_object_agg(x.key, y.value) AS after'
      '   FROM jsonb_each(to_jsonb(o)) x JOIN jsonb_each(to_jsonb(n)) y USING (key)'
      '   WHERE x.value IS DISTINCT FROM y.value AND x.key <> ALL ($4)'
      ' ) d WHERE d.before IS NOT NULL', TG_TABLE_NAME, key, key)
      USING moment, actor, why, untold;
  END IF;
  RETURN NULL;
END $$
"""
DENY = """
CREATE FUNCTION deny_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "access_ground",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "case", "task", "alert", "request", name="groundkind", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "reference",
            sa.String(length=80),
            nullable=False,
            comment="the case, task, alert or request",
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=False, comment="person"),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "closed_at IS NULL OR closed_at >= opened_at",
            name=op.f("ck_access_ground_closed_after_opened"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_ground")),
    )
    op.create_index(
        "ix_access_ground_open",
        "access_ground",
        ["subject_id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "access_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False, comment="person"),
        sa.Column(
            "region_code",
            sa.BigInteger(),
            nullable=False,
            comment="of the person, for the approver's scope",
        ),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("ground_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> asked_by", name=op.f("ck_access_request_four_eyes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_request")),
    )
    op.create_index(
        op.f("ix_access_request_asked_by"), "access_request", ["asked_by"], unique=False
    )
    op.create_index(
        op.f("ix_access_request_subject_id"), "access_request", ["subject_id"], unique=False
    )
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True, comment="empty: the system itself"),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("subject_type", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "xid", TransactionId(), server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index(
        op.f("ix_audit_event_actor_id_occurred_at"),
        "audit_event",
        ["actor_id", "occurred_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_audit_event_subject_type_subject_id_occurred_at"),
        "audit_event",
        ["subject_type", "subject_id", "occurred_at"],
        unique=False,
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("holiday", "makeup", name="daykind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "calendar_year",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_calendar_year")),
    )
    op.create_table(
        "code_entry",
        sa.Column("table", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("standard", sa.String(length=80), nullable=False),
        sa.Column("confidence", sa.String(length=4), nullable=False),
        sa.PrimaryKeyConstraint("table", "code", name=op.f("pk_code_entry")),
    )
    op.create_table(
        "combination_rule",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column(
            "first", sa.String(length=40), nullable=False, comment="scheme or outside benefit"
        ),
        sa.Column("second", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False, comment="person or household"),
        sa.Column(
            "kind",
            sa.Enum(
                "MUTEX",
                "CHOOSE",
                "HIGHER",
                "TOPUP",
                "STACK",
                "SEQUENCE",
                "ONCE",
                "LADDER",
                name="combination",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("window_months", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=40), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("confidence", sa.String(length=4), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_combination_rule")),
    )
    op.create_table(
        "data_provider",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_data_provider")),
    )
    op.create_table(
        "department",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("abbreviation", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column(
            "statutory_manager", sa.Boolean(), nullable=False, comment="named in 社会救助法 art 4"
        ),
        sa.Column("role", sa.String(length=200), nullable=False),
        sa.Column(
            "sees_all_households",
            sa.Boolean(),
            nullable=False,
            comment="civil affairs: design decision 7",
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_department")),
        sa.UniqueConstraint("abbreviation", name=op.f("uq_department_abbreviation")),
    )
    op.create_table(
        "household_counter",
        sa.Column("county_code", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("county_code", name=op.f("pk_household_counter")),
    )
    op.create_table(
        "household",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False, comment="for people: 户编号"),
        sa.Column("county_code", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("householder_id", sa.Uuid(), nullable=True),
        sa.Column("householder_name", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.Uuid(), nullable=True),
        sa.Column("member_count", sa.Integer(), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "extreme_hardship",
                "minimum_allowance",
                "allowance_edge",
                "heavy_expenditure",
                "monitored",
                "other",
                name="category",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "origins",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="field → source identity",
        ),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household")),
        sa.UniqueConstraint("number", name=op.f("uq_household_number")),
    )
    op.create_index(
        "ix_household_address_trigram",
        "household",
        ["address"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"address": "gin_trgm_ops"},
    )
    op.create_index(
        op.f("ix_household_category_region_code_id"),
        "household",
        ["category", "region_code", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_household_householder_id"), "household", ["householder_id"], unique=False
    )
    op.create_index(
        op.f("ix_household_region_code_id"), "household", ["region_code", "id"], unique=False
    )
    op.create_table(
        "idempotency_record",
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("actor_id", "key", name=op.f("pk_idempotency_record")),
    )
    op.create_table(
        "inbox_message",
        sa.Column("id", sa.Uuid(), nullable=False, comment="the outbox row's id"),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("body", sa.String(length=500), nullable=False),
        sa.Column("link", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_message")),
    )
    op.create_index(
        op.f("ix_inbox_message_recipient_id_id"),
        "inbox_message",
        ["recipient_id", "id"],
        unique=False,
    )
    op.create_table(
        "job_run",
        sa.Column("job_name", sa.String(length=60), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "token", sa.Uuid(), nullable=False, comment="fences off a runner whose lease ended"
        ),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("job_name", "slot", name=op.f("pk_job_run")),
    )
    op.create_table(
        "link_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "number_shared",
                "ambiguous_fallback",
                name="reviewkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "key",
            sa.String(length=160),
            nullable=False,
            comment="the two things compared, by their ids",
        ),
        sa.Column("county_code", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.BigInteger(), nullable=False),
        sa.Column(
            "person_id", sa.Uuid(), nullable=True, comment="the person that holds the number"
        ),
        sa.Column("other_id", sa.Uuid(), nullable=True, comment="the person left apart"),
        sa.Column("identity_id", sa.Uuid(), nullable=False, comment="a source identity left apart"),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_review")),
    )
    op.create_index(
        op.f("ix_link_review_region_code_id"), "link_review", ["region_code", "id"], unique=False
    )
    op.create_index(
        "uq_link_review_open",
        "link_review",
        ["kind", "key"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=160), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("in_app", name="channel", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("recipient_id", sa.Uuid(), nullable=False, comment="staff account"),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("body", sa.String(length=500), nullable=False, comment="no personal data"),
        sa.Column("link", sa.String(length=200), nullable=True, comment="path in the console"),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "sending",
                "delivered",
                "failed",
                "unknown",
                name="deliverystatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_outbox_message_dedupe_key")),
    )
    op.create_index(
        "ix_outbox_message_due",
        "outbox_message",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('pending', 'sending')"),
    )
    op.create_table(
        "parameter",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("value", sa.Numeric(precision=18, scale=4), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=True),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("confidence", sa.String(length=4), nullable=False),
        sa.PrimaryKeyConstraint("name", "valid_from", name=op.f("pk_parameter")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("county_code", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_key", sa.String(length=80), nullable=False),
        sa.Column("citizen_id", sa.Uuid(), nullable=True),
        sa.Column("sex", sa.String(length=1), nullable=True),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("ethnicity", sa.String(length=2), nullable=True),
        sa.Column("marital", sa.String(length=2), nullable=True),
        sa.Column("phone", sa.Uuid(), nullable=True),
        sa.Column("account", sa.Uuid(), nullable=True),
        sa.Column("health", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("died_on", sa.Date(), nullable=True),
        sa.Column(
            "origins",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="field → source identity",
        ),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_index(op.f("ix_person_citizen_id"), "person", ["citizen_id"], unique=False)
    op.create_index(op.f("ix_person_name_key_id"), "person", ["name_key", "id"], unique=False)
    op.create_index(
        "ix_person_name_characters",
        "person",
        [sa.literal_column("string_to_array(name_key, NULL)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(op.f("ix_person_phone"), "person", ["phone"], unique=False)
    op.create_index(op.f("ix_person_region_code_id"), "person", ["region_code", "id"], unique=False)
    op.create_table(
        "procedure",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("total_limit", sa.Integer(), nullable=True),
        sa.Column(
            "total_day_type",
            sa.Enum("wd", "cd", name="daytype", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column("total_from", sa.String(length=40), nullable=True),
        sa.Column("extended_limit", sa.Integer(), nullable=True),
        sa.Column("delegated_limit", sa.Integer(), nullable=True),
        sa.Column("legal", sa.String(length=300), nullable=True),
        sa.Column("confidence", sa.String(length=4), nullable=False),
        sa.PrimaryKeyConstraint("code", "version", name=op.f("pk_procedure")),
    )
    op.create_table(
        "procedure_stage",
        sa.Column("procedure_code", sa.String(length=20), nullable=False),
        sa.Column("procedure_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("owner", sa.String(length=60), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=False),
        sa.Column(
            "day_type",
            sa.Enum("wd", "cd", name="daytype", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("starts_from", sa.String(length=40), nullable=False),
        sa.Column("parallel", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=True),
        sa.Column("confidence", sa.String(length=4), nullable=False),
        sa.CheckConstraint('"limit" >= 0', name=op.f("ck_procedure_stage_limit_not_negative")),
        sa.PrimaryKeyConstraint(
            "procedure_code", "procedure_version", "code", name=op.f("pk_procedure_stage")
        ),
        sa.UniqueConstraint(
            "procedure_code",
            "procedure_version",
            "position",
            name=op.f("uq_procedure_stage_procedure_code_procedure_version_position"),
        ),
    )
    op.create_table(
        "region",
        sa.Column("code", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code_end", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "full_name", sa.String(length=200), nullable=False, comment="from county to here"
        ),
        sa.Column(
            "level",
            sa.Enum(
                "city",
                "county",
                "township",
                "village",
                name="regionlevel",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("parent_code", sa.BigInteger(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=False, comment="edition of the statistical codes"),
        sa.CheckConstraint("code_end > code", name=op.f("ck_region_range")),
        sa.ForeignKeyConstraint(
            ["parent_code"], ["region.code"], name=op.f("fk_region_parent_code_region")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_region")),
    )
    op.create_index(op.f("ix_region_parent_code"), "region", ["parent_code"], unique=False)
    op.create_table(
        "row_version",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("op", sa.String(length=1), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=120), nullable=True),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_row_version")),
    )
    op.create_index(
        op.f("ix_row_version_table_name_row_id_changed_at"),
        "row_version",
        ["table_name", "row_id", "changed_at"],
        unique=False,
    )
    op.create_table(
        "secret_value",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "citizen_id",
                "phone",
                "bank_account",
                "health",
                name="secretkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("blind_index", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_secret_value")),
        sa.UniqueConstraint("kind", "blind_index", name=op.f("uq_secret_value_kind_blind_index")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_attempt")),
    )
    op.create_table(
        "source_record",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("county_code", sa.Integer(), nullable=False),
        sa.Column(
            "period_on", sa.Date(), nullable=True, comment="first day of the month, term or year"
        ),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column(
            "item", sa.String(length=80), nullable=True, comment="kind of aid, grade, status"
        ),
        sa.Column(
            "fingerprint",
            sa.Uuid(),
            nullable=False,
            comment="digest of the row's canonical content within its scheme",
        ),
        sa.PrimaryKeyConstraint("batch_id", "row_number", name=op.f("pk_source_record")),
    )
    op.create_index(
        op.f("ix_source_record_fingerprint"), "source_record", ["fingerprint"], unique=False
    )
    op.create_index(
        op.f("ix_source_record_identity_id"), "source_record", ["identity_id"], unique=False
    )
    op.create_table(
        "stored_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="bytes, before encryption"),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
    )
    op.create_index(op.f("ix_stored_file_sha256"), "stored_file", ["sha256"], unique=False)
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("arguments", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "running",
                "done",
                "failed",
                name="taskstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column(
            "token", sa.Uuid(), nullable=True, comment="fences off a worker whose lease ended"
        ),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_steps", sa.Integer(), nullable=False),
        sa.Column("total_steps", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(length=200), nullable=True),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index(op.f("ix_task_created_by"), "task", ["created_by"], unique=False)
    op.create_index(
        "ix_task_due",
        "task",
        ["run_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('waiting', 'running')"),
    )
    op.create_index(
        "uq_task_open",
        "task",
        ["kind", "key"],
        unique=True,
        postgresql_where=sa.text("status IN ('waiting', 'running')"),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=40), nullable=False),
        sa.Column("display_name", sa.String(length=40), nullable=False),
        sa.Column(
            "post",
            sa.Enum(
                "operations",
                "oversight",
                "system",
                "security",
                "audit",
                name="post",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("department_code", sa.String(length=8), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_code"],
            ["department.code"],
            name=op.f("fk_account_department_code_department"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("id", "post", name=op.f("uq_account_id_post")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_table(
        "functional_zone",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("statutory_parent", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("confidence", sa.String(length=4), nullable=False),
        sa.ForeignKeyConstraint(
            ["statutory_parent"],
            ["region.code"],
            name=op.f("fk_functional_zone_statutory_parent_region"),
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_functional_zone")),
    )
    op.create_table(
        "identity_registry",
        sa.Column("citizen_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("county_code", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["citizen_id"],
            ["secret_value.id"],
            name=op.f("fk_identity_registry_citizen_id_secret_value"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_identity_registry_person_id_person")
        ),
        sa.PrimaryKeyConstraint("citizen_id", name=op.f("pk_identity_registry")),
        sa.UniqueConstraint("person_id", name=op.f("uq_identity_registry_person_id")),
    )
    op.create_table(
        "membership",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("county_code", sa.Integer(), nullable=False),
        sa.Column("relation", sa.String(length=2), nullable=True, comment="与户主关系, GB/T 4761"),
        sa.Column("source_id", sa.Uuid(), nullable=True, comment="source identity that says so"),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_membership_household_id_household")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_membership_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_membership")),
    )
    op.create_index(
        op.f("ix_membership_household_id"), "membership", ["household_id"], unique=False
    )
    op.create_table(
        "scheme",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "short_name", sa.String(length=20), nullable=False, comment="for lists: 低保, 特困 …"
        ),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("department_code", sa.String(length=8), nullable=False),
        sa.Column("unit", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column(
            "entry",
            sa.Enum(
                "application",
                "roster",
                "settlement",
                "referral",
                name="entry",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "start",
            sa.Enum(
                "next_month",
                "month_of_application",
                "at_once",
                "on_decision",
                "per_year",
                "per_term",
                name="start",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "payer",
            sa.Enum("platform", "department", name="payer", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("procedure_code", sa.String(length=20), nullable=False),
        sa.Column(
            "joint_departments",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="department codes",
        ),
        sa.Column(
            "data_providers",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="provider codes",
        ),
        sa.Column("eligibility", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recheck", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("legal", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("amount_min_fen", sa.BigInteger(), nullable=True),
        sa.Column("amount_max_fen", sa.BigInteger(), nullable=True),
        sa.Column("amount_per", sa.String(length=20), nullable=True),
        sa.Column("amount_basis", sa.String(length=200), nullable=True),
        sa.Column("confidence", sa.String(length=4), nullable=False),
        sa.Column(
            "category",
            sa.String(length=20),
            nullable=True,
            comment="hardship identity that the scheme confirms, if it does",
        ),
        sa.Column(
            "extra",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="members only some schemes have",
        ),
        sa.ForeignKeyConstraint(
            ["department_code"],
            ["department.code"],
            name=op.f("fk_scheme_department_code_department"),
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_scheme")),
    )
    op.create_index(op.f("ix_scheme_department_code"), "scheme", ["department_code"], unique=False)
    op.create_table(
        "account_region",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "code",
            sa.String(length=12),
            nullable=False,
            comment="12-digit region code, or a zone's code",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_region_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", "code", name=op.f("pk_account_region")),
    )
    op.create_table(
        "account_role",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "clerk",
                "reviewer",
                "approver",
                "steward",
                "auditor",
                "finance_clerk",
                "finance_reviewer",
                "appeals_operator",
                "supervisor",
                "leader",
                "system_admin",
                "security_admin",
                "audit_admin",
                name="role",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "post",
            sa.Enum(
                "operations",
                "oversight",
                "system",
                "security",
                "audit",
                name="post",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(post = 'operations' AND role IN ('clerk', 'reviewer', 'approver', 'steward', 'finance_clerk', 'finance_reviewer', 'appeals_operator', 'supervisor', 'leader')) OR (post = 'oversight' AND role IN ('auditor')) OR (post = 'system' AND role IN ('system_admin')) OR (post = 'security' AND role IN ('security_admin')) OR (post = 'audit' AND role IN ('audit_admin'))",
            name=op.f("ck_account_role_role_fits_post"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "post"],
            ["account.id", "account.post"],
            name=op.f("fk_account_role_account_id_post_account"),
        ),
        sa.PrimaryKeyConstraint("account_id", "role", name=op.f("pk_account_role")),
    )
    op.create_table(
        "aid_year",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("scheme_code", sa.String(length=8), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False, comment="the person's, by membership"),
        sa.Column("county_code", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_aid_year_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", "scheme_code", "year", name=op.f("pk_aid_year")),
    )
    op.create_index(
        op.f("ix_aid_year_household_id_year"), "aid_year", ["household_id", "year"], unique=False
    )
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scheme_code", sa.String(length=8), nullable=False),
        sa.Column("department_code", sa.String(length=8), nullable=False),
        sa.Column("county_code", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False, comment="the person's, by membership"),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("record_count", sa.Integer(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column(
            "last_fen", sa.BigInteger(), nullable=True, comment="amount of the latest period"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_enrolment_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint(
            "person_id", "scheme_code", name=op.f("uq_enrolment_person_id_scheme_code")
        ),
    )
    op.create_index(op.f("ix_enrolment_household_id"), "enrolment", ["household_id"], unique=False)
    op.create_index(
        op.f("ix_enrolment_scheme_code_household_id"),
        "enrolment",
        ["scheme_code", "household_id"],
        unique=False,
    )
    op.create_table(
        "functional_zone_part",
        sa.Column("zone_code", sa.String(length=12), nullable=False),
        sa.Column("region_code", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_code"],
            ["region.code"],
            name=op.f("fk_functional_zone_part_region_code_region"),
        ),
        sa.ForeignKeyConstraint(
            ["zone_code"],
            ["functional_zone.code"],
            name=op.f("fk_functional_zone_part_zone_code_functional_zone"),
        ),
        sa.PrimaryKeyConstraint("zone_code", "region_code", name=op.f("pk_functional_zone_part")),
    )
    op.create_table(
        "import_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scheme_code", sa.String(length=8), nullable=False),
        sa.Column("department_code", sa.String(length=8), nullable=False),
        sa.Column(
            "layout", sa.String(length=40), nullable=False, comment="layout and its version, S01@1"
        ),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "received",
                "loaded",
                "merged",
                "repeated",
                "failed",
                "undone",
                name="batchstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("loaded", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column(
            "fault", sa.String(length=400), nullable=True, comment="why a whole file was refused"
        ),
        sa.Column("repeats_id", sa.Uuid(), nullable=True, comment="the batch this file repeats"),
        sa.Column("data_on", sa.Date(), nullable=True, comment="latest day the rows speak of"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "loaded >= 0 AND rejected >= 0", name=op.f("ck_import_batch_counts_not_negative")
        ),
        sa.CheckConstraint(
            "received = loaded + rejected", name=op.f("ck_import_batch_received_adds_up")
        ),
        sa.ForeignKeyConstraint(
            ["department_code"],
            ["department.code"],
            name=op.f("fk_import_batch_department_code_department"),
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_import_batch_file_id_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["scheme_code"], ["scheme.code"], name=op.f("fk_import_batch_scheme_code_scheme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_index(
        op.f("ix_import_batch_department_code"), "import_batch", ["department_code"], unique=False
    )
    op.create_index(
        op.f("ix_import_batch_scheme_code"), "import_batch", ["scheme_code"], unique=False
    )
    op.create_index(
        "uq_import_batch_live_file",
        "import_batch",
        ["scheme_code", "sha256"],
        unique=True,
        postgresql_where=sa.text("status IN ('received', 'loaded', 'merged')"),
    )
    op.create_table(
        "staff_session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False, comment="cookie or bearer"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="absolute end"),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("user_agent", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_staff_session_account_id_account")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_session")),
    )
    op.create_index(
        op.f("ix_staff_session_expires_at"), "staff_session", ["expires_at"], unique=False
    )
    op.create_index(
        "ix_staff_session_open",
        "staff_session",
        ["account_id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "rejected_row",
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
            ["batch_id"], ["import_batch.id"], name=op.f("fk_rejected_row_batch_id_import_batch")
        ),
        sa.PrimaryKeyConstraint("batch_id", "row_number", name=op.f("pk_rejected_row")),
    )
    op.create_table(
        "source_identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("scheme_code", sa.String(length=8), nullable=False),
        sa.Column("department_code", sa.String(length=8), nullable=False),
        sa.Column("county_code", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False, comment="as written, trimmed"),
        sa.Column(
            "name_key",
            sa.String(length=80),
            nullable=False,
            comment="for comparison: no spaces, one dot",
        ),
        sa.Column("citizen_id", sa.Uuid(), nullable=True, comment="secret_value, 18 characters"),
        sa.Column("citizen_id_valid", sa.Boolean(), nullable=False),
        sa.Column(
            "number_born_on", sa.Date(), nullable=True, comment="birth date within the number"
        ),
        sa.Column("sex", sa.String(length=1), nullable=True),
        sa.Column("born_on", sa.Date(), nullable=True, comment="as the file states it"),
        sa.Column("ethnicity", sa.String(length=2), nullable=True),
        sa.Column("marital", sa.String(length=2), nullable=True),
        sa.Column("phone", sa.Uuid(), nullable=True),
        sa.Column("account", sa.Uuid(), nullable=True),
        sa.Column("health", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column(
            "household_number", sa.String(length=40), nullable=True, comment="the department's own"
        ),
        sa.Column("householder_name", sa.String(length=80), nullable=True),
        sa.Column("relation", sa.String(length=2), nullable=True),
        sa.Column("died_on", sa.Date(), nullable=True),
        sa.Column(
            "first_on", sa.Date(), nullable=True, comment="earliest day its records speak of"
        ),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("record_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_source_identity_batch_id_import_batch")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_identity")),
    )
    op.create_index(
        op.f("ix_source_identity_batch_id"), "source_identity", ["batch_id"], unique=False
    )
    op.create_table(
        "source_link",
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "rule",
            sa.Enum(
                "number",
                "own_list",
                "name_birth_region",
                "phone",
                "name_village",
                "household",
                "alone",
                name="linkrule",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("identity_id", name=op.f("pk_source_link")),
    )
    op.create_index(op.f("ix_source_link_person_id"), "source_link", ["person_id"], unique=False)
    op.execute(ROW_HISTORY)
    for table, key in HISTORY.items():
        for event, referencing in EVENTS.items():
            op.execute(
                f"CREATE TRIGGER history_{event.lower()} AFTER {event} ON {table}"
                f" REFERENCING {referencing} FOR EACH STATEMENT"
                f" EXECUTE FUNCTION record_row_versions('{key}', 'merged_at', 'origins', 'source_id')"
            )
    op.execute(DENY)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION deny_change()"
        )


def downgrade() -> None:
    op.drop_index(op.f("ix_source_link_person_id"), table_name="source_link")
    op.drop_table("source_link")
    op.drop_index(op.f("ix_source_identity_batch_id"), table_name="source_identity")
    op.drop_table("source_identity")
    op.drop_table("rejected_row")
    op.drop_index(
        "ix_staff_session_open",
        table_name="staff_session",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_staff_session_expires_at"), table_name="staff_session")
    op.drop_table("staff_session")
    op.drop_index(
        "uq_import_batch_live_file",
        table_name="import_batch",
        postgresql_where=sa.text("status IN ('received', 'loaded', 'merged')"),
    )
    op.drop_index(op.f("ix_import_batch_scheme_code"), table_name="import_batch")
    op.drop_index(op.f("ix_import_batch_department_code"), table_name="import_batch")
    op.drop_table("import_batch")
    op.drop_table("functional_zone_part")
    op.drop_index(op.f("ix_enrolment_scheme_code_household_id"), table_name="enrolment")
    op.drop_index(op.f("ix_enrolment_household_id"), table_name="enrolment")
    op.drop_table("enrolment")
    op.drop_index(op.f("ix_aid_year_household_id_year"), table_name="aid_year")
    op.drop_table("aid_year")
    op.drop_table("account_role")
    op.drop_table("account_region")
    op.drop_index(op.f("ix_scheme_department_code"), table_name="scheme")
    op.drop_table("scheme")
    op.drop_index(op.f("ix_membership_household_id"), table_name="membership")
    op.drop_table("membership")
    op.drop_table("identity_registry")
    op.drop_table("functional_zone")
    op.drop_table("account")
    op.drop_index(
        "uq_task_open",
        table_name="task",
        postgresql_where=sa.text("status IN ('waiting', 'running')"),
    )
    op.drop_index(
        "ix_task_due",
        table_name="task",
        postgresql_where=sa.text("status IN ('waiting', 'running')"),
    )
    op.drop_index(op.f("ix_task_created_by"), table_name="task")
    op.drop_table("task")
    op.drop_index(op.f("ix_stored_file_sha256"), table_name="stored_file")
    op.drop_table("stored_file")
    op.drop_index(op.f("ix_source_record_identity_id"), table_name="source_record")
    op.drop_index(op.f("ix_source_record_fingerprint"), table_name="source_record")
    op.drop_table("source_record")
    op.drop_table("sign_in_attempt")
    op.drop_table("secret_value")
    op.drop_index(op.f("ix_row_version_table_name_row_id_changed_at"), table_name="row_version")
    op.drop_table("row_version")
    op.drop_index(op.f("ix_region_parent_code"), table_name="region")
    op.drop_table("region")
    op.drop_table("procedure_stage")
    op.drop_table("procedure")
    op.drop_index(op.f("ix_person_region_code_id"), table_name="person")
    op.drop_index(op.f("ix_person_phone"), table_name="person")
    op.drop_index("ix_person_name_characters", table_name="person", postgresql_using="gin")
    op.drop_index(op.f("ix_person_name_key_id"), table_name="person")
    op.drop_index(op.f("ix_person_citizen_id"), table_name="person")
    op.drop_table("person")
    op.drop_table("parameter")
    op.drop_index(
        "ix_outbox_message_due",
        table_name="outbox_message",
        postgresql_where=sa.text("status IN ('pending', 'sending')"),
    )
    op.drop_table("outbox_message")
    op.drop_index(
        "uq_link_review_open",
        table_name="link_review",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index(op.f("ix_link_review_region_code_id"), table_name="link_review")
    op.drop_table("link_review")
    op.drop_table("job_run")
    op.drop_index(op.f("ix_inbox_message_recipient_id_id"), table_name="inbox_message")
    op.drop_table("inbox_message")
    op.drop_table("idempotency_record")
    op.drop_index(op.f("ix_household_region_code_id"), table_name="household")
    op.drop_index(op.f("ix_household_householder_id"), table_name="household")
    op.drop_index(op.f("ix_household_category_region_code_id"), table_name="household")
    op.drop_index(
        "ix_household_address_trigram",
        table_name="household",
        postgresql_using="gin",
        postgresql_ops={"address": "gin_trgm_ops"},
    )
    op.drop_table("household")
    op.drop_table("household_counter")
    op.drop_table("department")
    op.drop_table("data_provider")
    op.drop_table("combination_rule")
    op.drop_table("code_entry")
    op.drop_table("calendar_year")
    op.drop_table("calendar_day")
    op.drop_index(
        op.f("ix_audit_event_subject_type_subject_id_occurred_at"), table_name="audit_event"
    )
    op.drop_index(op.f("ix_audit_event_actor_id_occurred_at"), table_name="audit_event")
    op.drop_table("audit_event")
    op.drop_index(op.f("ix_access_request_subject_id"), table_name="access_request")
    op.drop_index(op.f("ix_access_request_asked_by"), table_name="access_request")
    op.drop_table("access_request")
    op.drop_index(
        "ix_access_ground_open",
        table_name="access_ground",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_table("access_ground")
    op.execute("DROP FUNCTION record_row_versions")
    op.execute("DROP FUNCTION deny_change")
    op.execute("DROP EXTENSION pg_trgm")
