import io
import os
import uuid
from datetime import timedelta

from relief.attachments import service
from relief.attachments.strays import LEFT_AFTER, remove_strays
from tests.support.settings import START as NOW


def test_old_contents_that_no_row_names_are_removed(session, cipher, tmp_path):
    stored = service.store(
        session,
        io.BytesIO(b"kept"),
        name="a.csv",
        media_type="text/csv",
        purpose="import",
        actor_id=None,
        cipher=cipher,
        storage=tmp_path,
        now=NOW,
        limit=100,
    )
    kept = service.path_of(tmp_path, stored.id)
    stray, young = (service.path_of(tmp_path, uuid.UUID(int=number)) for number in (1, 2))
    for path in (stray, young):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"left by a kill")
    (tmp_path / "files" / "00" / "notes.txt").parent.mkdir(exist_ok=True)
    (tmp_path / "files" / "00" / "notes.txt").write_text("not ours")
    old = (NOW - LEFT_AFTER - timedelta(seconds=1)).timestamp()
    for path in (stray, kept):
        os.utime(path, (old, old))
    os.utime(young, (NOW.timestamp(), NOW.timestamp()))

    assert remove_strays(session, storage=tmp_path, now=NOW) == 1
    assert (stray.exists(), young.exists(), kept.exists()) == (False, True, True)


def test_however_many_there_are_each_question_names_a_few(session, tmp_path, assert_queries):
    folder = service.path_of(tmp_path, uuid.UUID(int=0)).parent
    folder.mkdir(parents=True)
    old = (NOW - LEFT_AFTER - timedelta(seconds=1)).timestamp()
    for number in range(5):
        path = folder / uuid.UUID(int=number << 8).hex
        path.touch()
        os.utime(path, (old, old))

    with assert_queries(4):  # the lock, and three questions
        assert remove_strays(session, storage=tmp_path, now=NOW, at_once=2) == 5

    assert not list(folder.iterdir())


def test_an_empty_storage_has_no_strays(session, tmp_path):
    assert remove_strays(session, storage=tmp_path, now=NOW) == 0
