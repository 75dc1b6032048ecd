"""A part of an encrypted file is what stands there, and reads no more of it than it must."""

import io
import os

import pytest

from relief.attachments import content, queries, service
from relief.attachments.errors import FileNotFound
from relief.core.privacy.cipher import CannotOpen
from tests.support.settings import START

PIECE = content.PIECE
SIZE = 2 * PIECE + 500
PLAIN = os.urandom(SIZE)


@pytest.fixture
def stored(session, cipher, tmp_path):
    return service.store(
        session, io.BytesIO(PLAIN), name="a.mp3", media_type="audio/mpeg", purpose="test",
        actor_id=None, cipher=cipher, storage=tmp_path, now=START, limit=SIZE,
    )  # fmt: skip


@pytest.fixture
def part(stored, cipher, tmp_path):
    def read(first, last):
        return b"".join(
            queries.part(stored, first=first, last=last, cipher=cipher, storage=tmp_path)
        )

    return read


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (0, 0), (0, SIZE - 1), (5, 9), (PIECE - 1, PIECE), (PIECE, PIECE), (PIECE, 2 * PIECE - 1),
        (PIECE - 3, 2 * PIECE + 3), (2 * PIECE, SIZE - 1), (SIZE - 1, SIZE - 1),
    ],
)  # fmt: skip
def test_a_part_is_what_stands_there(part, first, last):
    assert part(first, last) == PLAIN[first : last + 1]


@pytest.mark.parametrize("cut", [1, 200, 600, PIECE])
def test_what_was_cut_off_is_not_given_out_as_whole(stored, part, tmp_path, cut):
    path = service.path_of(tmp_path, stored.id)
    path.write_bytes(path.read_bytes()[:-cut])

    with pytest.raises(CannotOpen):
        part(SIZE - 10, SIZE - 1)


def test_a_piece_that_was_cut_off_is_missed_also_behind_the_part(stored, part, tmp_path):
    path = service.path_of(tmp_path, stored.id)
    whole = path.read_bytes()
    two_pieces = 2 * (PIECE + 32 + 4)
    path.write_bytes(whole[:two_pieces])

    with pytest.raises(CannotOpen):
        part(PIECE, 2 * PIECE - 1)


def test_pieces_that_are_not_asked_for_are_not_read(stored, part, tmp_path):
    path = service.path_of(tmp_path, stored.id)
    whole = bytearray(path.read_bytes())
    whole[100] ^= 1  # in the first piece
    path.write_bytes(whole)

    assert part(PIECE, PIECE + 9) == PLAIN[PIECE : PIECE + 10]
    with pytest.raises(CannotOpen):
        part(PIECE - 1, PIECE)


def test_a_file_that_is_gone_is_told_as_gone(stored, part, tmp_path):
    service.path_of(tmp_path, stored.id).unlink()

    with pytest.raises(FileNotFound):
        part(0, 1)
