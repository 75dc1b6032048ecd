"""0038 on data: what waits learns its template and its mask, and is sent if it is young enough."""

import psycopg
from alembic import command
from alembic.script import ScriptDirectory

from tests.migrations.test_up_and_down import prepare, url  # noqa: F401  # a fixture
from tests.support.check_migrations import alembic_config

AFTER = "0038_send_text_messages"
BEFORE = ScriptDirectory.from_config(alembic_config()).get_revision(AFTER).down_revision
OLD, NEW, PAYEE = (f"00000000-0000-0000-0000-00000000000{number}" for number in (1, 2, 3))
# What hangs on a case is not what is tried here.
WAITING = f"""
SET session_replication_role = replica;
INSERT INTO case_payee (id, case_id, kind, form, bank_code, number_id, number_masked, holder,
    phone_id, phone_masked, proof, reason, households, old_phones, told, state, held,
    proposed_by, proposed_at, answered_by, answered_at, answer)
VALUES ('{PAYEE}', gen_random_uuid(), 'self', 'card', '102223000018', gen_random_uuid(), '*',
    '张三', '{NEW}', '139****0002', '原件', '首次登记', 1, ARRAY['{OLD}'::uuid],
    ARRAY['138****0001'], 'in_force', tstzrange(now(), NULL), gen_random_uuid(), now(),
    gen_random_uuid(), now(), '一致');
INSERT INTO outbox_message (id, dedupe_key, channel, phone_id, title, body, status, attempts,
    next_at, created_at)
SELECT gen_random_uuid(), 'payee:{PAYEE}:' || state || ':' || phone, 'sms', phone::uuid, title,
    '您家的救助申请（SL2103022026-000001）' || title, 'pending', 0, now(), now()
FROM (VALUES
    ('proposed', '{OLD}', '申请登记收款账户'),
    ('changed', '{OLD}', '申请变更收款账户'),
    ('in_force', '{NEW}', '收款账户已生效')
) AS told (state, phone, title)
"""  # noqa: S608  # constants of this file
LEARNT = """
SELECT title, template, template_values ->> 'case', phone_masked FROM outbox_message
WHERE channel = 'sms' ORDER BY template
"""


def rows(url, statement):  # noqa: F811  # not the fixture
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchall()


def run(url, statement):  # noqa: F811  # not the fixture
    with psycopg.connect(url) as connection:
        connection.execute(statement)


def test_what_waits_learns_its_template_and_its_mask(url):  # noqa: F811  # the fixture
    prepare(url)
    command.downgrade(alembic_config(), BEFORE)
    run(url, WAITING)

    command.upgrade(alembic_config(), AFTER)

    number = "SL2103022026-000001"
    assert rows(url, LEARNT) == [
        ("申请变更收款账户", "payee-change-proposed", number, "138****0001"),
        ("申请登记收款账户", "payee-entry-proposed", number, "138****0001"),
        ("收款账户已生效", "payee-in-force", number, "139****0002"),
    ]


def test_on_the_way_back_the_states_are_those_of_before(url):  # noqa: F811  # the fixture
    prepare(url)
    command.downgrade(alembic_config(), BEFORE)
    run(url, WAITING)
    command.upgrade(alembic_config(), AFTER)
    run(url, "UPDATE outbox_message SET status = 'expired' WHERE title LIKE '申请登记%'")
    run(url, "UPDATE outbox_message SET status = 'sent' WHERE title LIKE '申请变更%'")

    command.downgrade(alembic_config(), BEFORE)

    found = rows(url, "SELECT status, count(*) FROM outbox_message GROUP BY 1 ORDER BY 1")
    assert found == [("delivered", 1), ("failed", 1), ("pending", 1)]
