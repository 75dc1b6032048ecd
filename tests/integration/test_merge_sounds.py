"""How names sound, as the merge writes it."""

from datetime import timedelta

from sqlalchemy import func, select, text, update

from relief.audit.models import RowVersion
from relief.core.pinyin import sound_keys
from relief.registry.merging.service import merge
from relief.registry.models import Person
from tests.support.settings import CIPHER, START
from tests.support.source import send

HOME = {"relation": "02", "household_number": "1"}


def merged(session, minutes=0, *, whole=False):
    now = START + timedelta(minutes=minutes)
    return merge(session, cipher=CIPHER, actor_id=None, now=now, whole=whole)


def sounds(session):
    session.expire_all()
    return dict(session.execute(select(Person.name, Person.name_sounds)).all())


def test_every_person_has_the_sounds_of_the_name_that_won(session, cipher):
    send(session, cipher, "S01", HOME | {"name": "单小明"}, now=START)
    merged(session)
    send(
        session,
        cipher,
        "S01",
        HOME | {"name": "阿依古丽·买买提", "household_number": "2"},
        now=START,
    )

    merged(session, 1)

    assert sounds(session) == {name: sound_keys(name) for name in ("单小明", "阿依古丽·买买提")}


def test_a_new_way_to_hear_names_is_no_change_of_a_person(session, cipher):
    send(session, cipher, "S01", HOME | {"name": "单小明"}, now=START)
    merged(session)
    session.execute(update(Person).values(name_sounds=["old"]))
    before = session.scalar(select(func.count()).select_from(RowVersion))

    report = merged(session, 1, whole=True)

    assert report.changes["person"].changed == 1
    assert sounds(session) == {"单小明": sound_keys("单小明")}
    assert session.scalar(select(func.count()).select_from(RowVersion)) == before


def test_sounds_are_found_by_their_index(session):
    session.execute(text("SET LOCAL enable_seqscan = off"))
    plan = session.scalars(
        text("EXPLAIN SELECT id FROM person WHERE name_sounds @> ARRAY['wxm']")
    ).all()

    assert any("ix_person_name_sounds" in line for line in plan)
