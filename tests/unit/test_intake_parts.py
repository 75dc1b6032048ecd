"""The small parts of intake: layouts, bulk ids, the binary copy form, stored content."""

import io
import struct
import uuid

import numpy as np
import pyarrow as pa
import pytest
import yaml

from relief.attachments import content
from relief.attachments.service import plain_name
from relief.core.privacy.cipher import CannotOpen, Cipher
from relief.registry.intake import binary_copy, folders, layouts
from relief.registry.intake.errors import UnreadableFile
from relief.registry.intake.fingerprints import of_digests
from relief.registry.intake.ids import new_ids
from relief.registry.types import FileContent
from tests.support.settings import START

CIPHER = Cipher(
    data_keys={1: b"d" * 32}, current_key=1, index_keys={1: b"i" * 32}, current_index_key=1
)
FILE = uuid.UUID(int=7)


NAME = {"heading": "姓名", "field": "name"}
DAY = {"heading": "日期", "field": "period", "format": "%Y-%m-%d", "required": True}
AMOUNT = {"heading": "金额", "field": "amount", "format": "yuan"}
ACTION = {"heading": "变动", "field": "action", "codes": {"来": "joined", "走": "gone"}}


class TestLayouts:
    @pytest.fixture
    def load(self, tmp_path):
        def load(**changes):
            data = {
                "scheme": "S01",
                "version": 1,
                "title": "名单",
                "grain": "month",
                "columns": [{"heading": "姓名", "field": "name"}],
            } | changes
            file = tmp_path / "S01.yml"
            file.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
            return layouts.load(file, {})

        return load

    def test_each_scheme_has_one_of_what_was_paid_and_may_have_more(self):
        found = layouts.load_all().values()
        assert len([one for one in found if one.content is FileContent.HISTORY]) == 33
        assert [one.id for one in layouts.of_scheme("S01")] == [
            "S01@1",
            "S01-changes@1",
            "S01-roll@1",
        ]
        assert {one.content for one in found} == set(FileContent)

    def test_each_is_found_by_its_own_headings(self):
        for name, layout in layouts.load_all().items():
            rows = [[layout.title], [column.heading for column in layout.columns]]
            match = layouts.find(rows, None)
            assert (match.layout.name, match.heading_row) == (name, 2)

    def test_aliases_and_line_breaks_in_headings_are_known(self):
        layout = layouts.load_all()["S01"]
        row = [
            c.aliases[0] if c.aliases else f" {c.heading[:2]}\n{c.heading[2:]}"
            for c in layout.columns
        ]
        assert layouts.find([row], None).layout.scheme == "S01"

    @pytest.mark.parametrize(
        ("changes", "fault"),
        [
            ({"columns": [{"heading": "金额", "field": None}]}, "no column for the name"),
            ({"columns": [{"heading": h, "field": "name"} for h in "甲乙"]}, "two columns"),
            ({"columns": [{"heading": "甲", "field": f} for f in ("name", None)]}, "share"),
            ({"constants": {"colour": "red"}}, "unknown field"),
            ({"grain": "week"}, "unknown grain"),
            ({"content": "novel"}, "novel"),
            ({"content": "roll"}, "no required day"),
            ({"content": "roll", "columns": [NAME, AMOUNT]}, "an amount"),
            ({"content": "roll", "columns": [NAME, ACTION]}, "an action on a roll"),
            ({"content": "changes", "columns": [NAME, DAY]}, "no required action"),
            ({"content": "changes", "columns": [NAME, ACTION]}, "unknown action"),
        ],
    )
    def test_a_wrong_layout_is_told(self, load, changes, fault):
        with pytest.raises(layouts.BadLayout, match=fault):
            load(**changes)

    @pytest.mark.parametrize(
        ("column", "fault"),
        [
            ({"field": "period"}, "no date format"),
            ({"field": "amount", "format": "dollars"}, "unknown form of money"),
            ({"field": "sex"}, "no codes"),
        ],
    )
    def test_a_wrong_column_is_told(self, load, column, fault):
        columns = [{"heading": "姓名", "field": "name"}, {"heading": "某列", **column}]
        with pytest.raises(layouts.BadLayout, match=fault):
            load(columns=columns)

    def test_a_layout_without_grain_is_told(self, tmp_path):
        file = tmp_path / "S01.yml"
        file.write_text("{scheme: S01, version: 1, title: t, columns: []}", "utf-8")
        with pytest.raises(layouts.BadLayout, match="grain is missing"):
            layouts.load(file, {})

    def test_headings_of_several_schemes_need_a_choice(self):
        shared = [c.heading for c in layouts.load_all()["S09"].columns if c.required]
        fitting = [
            scheme
            for scheme, layout in layouts.load_all().items()
            if layouts._match(layout, 1, shared) is not None  # noqa: SLF001
        ]
        if len(fitting) == 1:
            assert layouts.find([shared], None).layout.scheme == "S09"
        twice = [[c.heading for c in layouts.load_all()["S09"].columns]] * 2
        with pytest.raises(UnreadableFile, match="请指定救助项目"):
            layouts.find(twice, None)


class TestBinaryCopy:
    def test_rows_of_every_shape_are_written(self):
        fields = [
            binary_copy.of_numbers("int4", pa.array([1, 2, None, 4], pa.int32())),
            binary_copy.of_numbers("date", pa.array([0, None, 10957, 10958], pa.date32())),
            binary_copy.of_texts(pa.array(["甲", None, "", "甲"], pa.string())),
            binary_copy.of_ids(np.frombuffer(bytes(range(64)), dtype="V16")),
        ]
        rows = sorted(rows_of(b"".join(binary_copy.rows(fields))), key=lambda row: row[3])
        number = struct.Struct(">i").pack
        ids = [bytes(range(start, start + 16)) for start in (0, 16, 32, 48)]
        assert rows == [
            [number(1), number(-10957), "甲".encode(), ids[0]],
            [number(2), None, None, ids[1]],
            [None, number(0), b"", ids[2]],
            [number(4), number(1), "甲".encode(), ids[3]],
        ]

    def test_no_rows_are_nothing(self):
        fields = [binary_copy.of_numbers("int8", pa.array([], pa.int64()))]
        assert list(binary_copy.rows(fields)) == []


def rows_of(data):
    """Read the binary form back."""
    source = io.BytesIO(data)
    while head := source.read(2):
        row = []
        for _ in range(struct.unpack(">h", head)[0]):
            (length,) = struct.unpack(">i", source.read(4))
            row.append(None if length < 0 else source.read(length))
        yield row


def test_many_ids_are_version_7_distinct_and_ascending():
    made = [uuid.UUID(bytes=bytes(value)) for value in new_ids(START, 1000)]
    assert len(set(made)) == 1000
    assert made == sorted(made)
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {uuid.RFC_4122}
    assert len(new_ids(START, 0)) == 0


def test_fingerprints_are_equal_for_equal_rows_and_need_the_key():
    digests = pa.chunked_array([pa.array([b"a" * 16, b"b" * 16]), pa.array([b"a" * 16])])
    first = [bytes(value) for value in of_digests(CIPHER, digests, key_id=1)]
    assert first[0] == first[2] != first[1]
    other = Cipher(
        data_keys={1: b"d" * 32}, current_key=1, index_keys={1: b"j" * 32}, current_index_key=1
    )
    assert bytes(of_digests(other, digests, key_id=1)[0]) not in {first[0], b"a" * 16}


class TestContent:
    def seal(self, *pieces):
        return b"".join(content.seal(CIPHER, FILE, iter(pieces)))

    def unseal(self, data, file_id=FILE):
        return b"".join(content.unseal(CIPHER, file_id, io.BytesIO(data)))

    @pytest.mark.parametrize("pieces", [(), (b"one",), (b"one", b"two", b"three")])
    def test_what_is_sealed_opens(self, pieces):
        assert self.unseal(self.seal(*pieces)) == b"".join(pieces)

    def test_plain_text_does_not_stand_in_it(self):
        assert b"secret" not in self.seal(b"secret")

    def test_every_change_is_found(self):
        whole = self.seal(b"one", b"two")
        (length,) = struct.unpack(">I", whole[:4])
        first, second = whole[: 4 + length], whole[4 + length :]
        for changed in (
            first,
            second,
            second + first,
            whole[:-1],
            whole + b"\0\0",
            whole + bytes(4),
            whole[:-1] + bytes([whole[-1] ^ 1]),
            b"",
        ):
            with pytest.raises(CannotOpen):
                self.unseal(changed)

    def test_it_belongs_to_one_file(self):
        with pytest.raises(CannotOpen):
            self.unseal(self.seal(b"one"), uuid.UUID(int=8))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("低保.csv", "低保.csv"),
        ("C:\\桌面\\低保.csv", "低保.csv"),
        ("../../etc/passwd", "passwd"),
        ("a\nb\u202e.csv", "ab.csv"),
        ("..", "未命名"),
        ("", "未命名"),
        ("长" * 300 + ".csv", "长" * 251 + ".csv"),
    ],
)
def test_a_file_keeps_only_its_name(given, kept):
    assert plain_name(given) == kept


def test_folders_of_killed_processes_are_removed(tmp_path):
    with folders.private(tmp_path) as first:
        left = tmp_path / "work" / "work-left"
        left.mkdir()
        (left / "lock").touch()
        (left / "plain.parquet").touch()
        bare = tmp_path / "work" / "work-bare"
        bare.mkdir()  # its process was killed before it could lock it
        with folders.private(tmp_path) as second:
            assert first.is_dir()
            assert second.is_dir()
            assert second.stat().st_mode & 0o777 == 0o700
            assert not left.exists()
            assert not bare.exists()
    assert not first.exists()
    assert not second.exists()
