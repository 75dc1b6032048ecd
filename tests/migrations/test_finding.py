"""0007 on data: who was there before is found by sound, and is not said to have changed."""

import psycopg
from alembic import command

from relief.core.pinyin import sound_keys
from tests.migrations.test_up_and_down import url  # noqa: F401  # a fixture
from tests.support.check_migrations import alembic_config

BEFORE = """
INSERT INTO person (id, county_code, region_code, home_region_code, name, name_key, origins,
                    merged_at)
SELECT gen_random_uuid(), 210302, 210302002001, 210302002001, name, name, '{}', now()
FROM unnest('{单小明,王芳,阿依古丽·买买提,·}'::text[]) AS name
"""


def rows(url, query):  # noqa: F811  # the fixture
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def test_persons_get_their_sounds_and_lose_them_again(url):  # noqa: F811  # the fixture
    command.upgrade(alembic_config(), "0005_key_rotation")
    with psycopg.connect(url) as connection:
        connection.execute(BEFORE)
    history = rows(url, "SELECT count(*) FROM row_version")

    command.upgrade(alembic_config(), "0007_finding")

    found = dict(rows(url, "SELECT name, name_sounds FROM person"))
    assert found == {name: sound_keys(name) for name in found}
    assert len(found) == 4
    assert rows(url, "SELECT count(*) FROM row_version") == history
    command.downgrade(alembic_config(), "0005_key_rotation")
    assert rows(url, "SELECT count(*) FROM person") == [(4,)]
    command.upgrade(alembic_config(), "0007_finding")
    assert dict(rows(url, "SELECT name, name_sounds FROM person")) == found
