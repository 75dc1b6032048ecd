"""Let the database keep what was decided of payees, rises and parameters as it is.

Before: that a payee, a signed rise and a published parameter are never changed was said by the
services alone, and the web account could add rows that said they were of the seeds. After: triggers
refuse it, even to the owner; what is of the seeds only the owner adds. A parameter says where it
comes from, as a version of a procedure does. What a finding says of an account names nobody. The
old code publishes no parameter while this is in place, and may be tried again; all else it does.
"""

from alembic import op
import sqlalchemy as sa

revision = "0039_guard_what_was_decided"
down_revision = "0038_send_text_messages"

# By rights and not by name: what the accounts are called is a setting.
BY_OWNER = (
    "pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER')"
)
REFUSE = """RAISE EXCEPTION '{said}' USING ERRCODE = 'restrict_violation', CONSTRAINT = '{rule}';"""


def refuse(said: str, rule: str) -> str:
    return REFUSE.format(said=said, rule=rule)


KEEP_PAYEE = f"""
CREATE FUNCTION keep_case_payee() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may_change CONSTANT text[] :=
        ARRAY['state', 'held', 'answered_by', 'answered_at', 'answer', 'households'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        {refuse("a payee is kept", "case_payee_kept")}
    ELSIF OLD.state NOT IN ('proposed', 'in_force') THEN
        {refuse("the payee is closed", "case_payee_closed")}
    ELSIF to_jsonb(OLD) - may_change <> to_jsonb(NEW) - may_change THEN
        {refuse("what was entered of a payee is kept", "case_payee_kept")}
    ELSIF OLD.state = 'in_force' AND (
        NEW.state <> 'replaced' OR lower(NEW.held) <> lower(OLD.held) OR upper_inf(NEW.held)
        OR (NEW.answered_by, NEW.answered_at, NEW.answer, NEW.households)
            IS DISTINCT FROM (OLD.answered_by, OLD.answered_at, OLD.answer, OLD.households)
    ) THEN
        {refuse("the payee is confirmed, and only ends", "case_payee_confirmed")}
    END IF;
    RETURN NEW;
END $$
"""
KEEP_RISE = f"""
CREATE FUNCTION keep_standard_rise() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may_change CONSTANT text[] := ARRAY['status', 'stopped_for', 'digest', 'drawn_at', 'signed_by',
        'signed_at', 'ended_at', 'version'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        {refuse("a rise is kept", "standard_rise_kept")}
    ELSIF OLD.status IN ('done', 'cancelled') THEN
        {refuse("the rise is closed", "standard_rise_closed")}
    ELSIF to_jsonb(OLD) - may_change <> to_jsonb(NEW) - may_change THEN
        {refuse("what a rise carries out is kept", "standard_rise_kept")}
    ELSIF OLD.digest IS NOT NULL AND (
        (NEW.digest, NEW.drawn_at) IS DISTINCT FROM (OLD.digest, OLD.drawn_at)
        OR NEW.status = 'drawing'
    ) THEN
        {refuse("the list of the rise is drawn", "standard_rise_drawn")}
    ELSIF OLD.signed_at IS NOT NULL AND (
        (NEW.signed_by, NEW.signed_at) IS DISTINCT FROM (OLD.signed_by, OLD.signed_at)
        OR NEW.status = 'drawn'
    ) THEN
        {refuse("the rise is signed", "standard_rise_signed")}
    END IF;
    RETURN NEW;
END $$
"""
KEEP_PARAMETER = f"""
CREATE FUNCTION keep_parameter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT {BY_OWNER} AND (NEW.origin <> 'console' OR NOT EXISTS (
            SELECT FROM parameter_draft d
            WHERE (d.name, d.region_code, d.valid_from, d.value, d.source)
                = (NEW.name, NEW.region_code, NEW.valid_from, NEW.value, NEW.source)
            AND d.published_at IS NOT NULL
        )) THEN
            {refuse("no draft of this parameter was published", "parameter_origin")}
        END IF;
        RETURN NEW;
    ELSIF OLD.origin = 'console' THEN
        {refuse("the parameter is published", "parameter_published")}
    ELSIF TG_OP = 'UPDATE' AND NEW.origin <> OLD.origin THEN
        {refuse("the parameter is of the seeds", "parameter_origin")}
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$
"""
KEEP_DRAFT = f"""
CREATE FUNCTION keep_closed_parameter_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL OR OLD.discarded_at IS NOT NULL THEN
        {refuse("the draft is closed", "parameter_draft_closed")}
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$
"""
SEEDS_BY_OWNER = f"""
CREATE FUNCTION add_seeds_by_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.origin = 'seeds' AND NOT {BY_OWNER} THEN
        {refuse("a version of the seeds is the owner''s to add", "procedure_origin")}
    END IF;
    RETURN NEW;
END $$
"""
# Whoever publishes a version adds its stages before the version itself.
STAGES_BY_OWNER = f"""
CREATE FUNCTION add_stages_by_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT {BY_OWNER} AND EXISTS (
        SELECT FROM procedure p
        WHERE (p.code, p.version) = (NEW.procedure_code, NEW.procedure_version)
    ) THEN
        {refuse("a stage of a version that is there", "procedure_origin")}
    END IF;
    RETURN NEW;
END $$
"""
TRIGGERS = (
    ("case_payee", "UPDATE OR DELETE", "keep_case_payee", KEEP_PAYEE),
    ("standard_rise", "UPDATE OR DELETE", "keep_standard_rise", KEEP_RISE),
    ("parameter", "INSERT OR UPDATE OR DELETE", "keep_parameter", KEEP_PARAMETER),
    ("parameter_draft", "UPDATE OR DELETE", "keep_closed_parameter_draft", KEEP_DRAFT),
    ("procedure", "INSERT", "add_seeds_by_owner", SEEDS_BY_OWNER),
    ("procedure_stage", "INSERT", "add_stages_by_owner", STAGES_BY_OWNER),
)
# What was published and is worth by now what two persons said; all else is the seeds'.
PUBLISHED = """
UPDATE parameter p SET origin = 'console' FROM parameter_draft d
WHERE d.published_at IS NOT NULL
AND (d.name, d.region_code, d.valid_from, d.value, d.source)
    = (p.name, p.region_code, p.valid_from, p.value, p.source)
"""
# The evidence keeps the name, for whom it concerns.
NAMELESS = """
UPDATE case_finding
SET message = replace(message, '发放账户登记在' || (evidence ->> 'holder') || '名下',
    '发放账户登记在他人名下')
WHERE check_code = 'A22'
"""
# The timeline repeats what a check found, and has no evidence: it stays so when this is taken back.
NAMELESS_LINES = """
UPDATE case_step
SET note = regexp_replace(note, '(A22 发放账户登记在).*?(名下)', '\\1他人\\2', 'g')
WHERE step = 'checked' AND note LIKE '%A22 发放账户登记在%'
"""
NAMED = """
UPDATE case_finding
SET message = replace(message, '发放账户登记在他人名下',
    '发放账户登记在' || (evidence ->> 'holder') || '名下')
WHERE check_code = 'A22'
"""


def upgrade() -> None:
    op.add_column(
        "parameter",
        sa.Column(
            "origin",
            sa.Enum("seeds", "console", name="origin", native_enum=False, length=40),
            server_default=sa.text("'seeds'"),
            nullable=False,
        ),
    )
    op.execute(PUBLISHED)
    op.execute(NAMELESS)
    op.execute(NAMELESS_LINES)
    for table, moments, name, function in TRIGGERS:
        op.execute(function)
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {moments} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {name}()"
        )


def downgrade() -> None:
    for table, _, name, _ in TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON {table}")
        op.execute(f"DROP FUNCTION {name}()")
    op.execute(NAMED)
    op.drop_column("parameter", "origin")
