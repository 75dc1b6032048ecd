"""0044 taken back on data: the rows of files that nothing names any more go with their table."""

from alembic import command
from alembic.script import ScriptDirectory

from tests.migrations.test_text_messages import rows, run
from tests.migrations.test_up_and_down import prepare, url  # noqa: F401  # a fixture
from tests.support.check_migrations import alembic_config

AFTER = "0044_keep_enclosures"
BEFORE = ScriptDirectory.from_config(alembic_config()).get_revision(AFTER).down_revision
FILE, OTHER = (f"00000000-0000-0000-0000-00000000000{number}" for number in (1, 2))
# What hangs on a case is not what is tried here.
KEPT = f"""
SET session_replication_role = replica;
INSERT INTO stored_file (id, name, media_type, sha256, size, purpose, created_at) VALUES
    ('{FILE}', '残疾人证.jpg', 'image/jpeg', '\\x01', 1, 'case-enclosure', now()),
    ('{OTHER}', 'S01.csv', 'text/csv', '\\x02', 1, 'import', now());
INSERT INTO case_enclosure (id, case_id, kind, title, file_id, received_sha256, received_size,
    added_by, added_at)
VALUES (gen_random_uuid(), gen_random_uuid(), 'picture', '残疾人证', '{FILE}', '\\x03', 2,
    gen_random_uuid(), now())
"""  # noqa: S608  # constants of this file


def test_taken_back_it_leaves_no_file_that_nothing_names(url):  # noqa: F811  # the fixture
    prepare(url)
    run(url, KEPT)

    command.downgrade(alembic_config(), BEFORE)

    assert [str(one) for (one,) in rows(url, "SELECT id FROM stored_file")] == [OTHER]
    prepare(url)
    assert rows(url, "SELECT count(*) FROM case_enclosure") == [(0,)]
