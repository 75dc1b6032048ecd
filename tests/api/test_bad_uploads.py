"""Bad files of every kind: each has a clear answer in Chinese, and nothing of it is left behind."""

import io
import os
import re
import zlib

import pytest
from PIL import Image
from sqlalchemy import func, select

from relief.attachments.models import StoredFile
from relief.audit.models import AuditEvent
from relief.review.enclosures.models import CaseEnclosure
from tests.api.test_enclosures import FIRST, case, home, put
from tests.support.media import (
    archive,
    claimed,
    drawn,
    inflating,
    pdf,
    photo,
    scene,
    with_chunk,
    written,
)
from tests.support.sounds import sound, wav

__all__ = ["case", "home"]  # the fixtures
TWO = {"save_all": True, "append_images": [scene(40, 30).rotate(180)]}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
BAD = {
    "empty": (lambda: b"", "upload-empty", "没有收到任何内容"),
    "too large": (lambda: photo() + bytes(10 << 20), "attachment-too-large", "不得超过 10 MB"),
    "text": ("我家的困难情况".encode, "upload-type", "可以上传照片"),
    "page": (lambda: b"<html><script>alert(1)</script></html>", "upload-type", "按文件内容判断"),
    "svg": (lambda: SVG, "upload-type", "夹带程序"),
    "gif": (lambda: written(scene(), "GIF"), "upload-type", "GIF"),
    "bmp": (lambda: written(scene(), "BMP"), "upload-type", "可以上传照片"),
    "tiff": (lambda: written(scene(), "TIFF"), "upload-type", "可以上传照片"),
    "archive": (archive, "upload-type", "可以上传照片"),
    "archive, a picture behind it": (lambda: archive() + photo(), "upload-type", "可以上传照片"),
    "program": (lambda: b"\x7fELF\x02\x01\x01" + bytes(90), "upload-type", "可以上传照片"),
    "heic": (lambda: b"\0\0\0\x18ftypheic" + bytes(90), "upload-type", "兼容性最佳"),
    "film": (lambda: b"RIFF\0\0\0\0AVI LIST" + bytes(90), "video-refused", "不接收视频"),
    "cut photo": (lambda: photo()[:-900], "picture-damaged", "重新拍摄"),
    "cut png": (lambda: drawn()[:-30], "picture-damaged", "重新拍摄"),
    "noise": (lambda: b"\xff\xd8\xff\xe0" + os.urandom(900), "picture-damaged", "重新拍摄"),
    "empty webp": (lambda: b"RIFF\x04\0\0\0WEBP", "picture-damaged", "重新拍摄"),
    "wrong sums": (
        lambda: drawn().replace(b"IDAT", b"IDAT\x01", 1),
        "picture-damaged",
        "重新拍摄",
    ),
    "100 megapixels": (
        lambda: written(Image.new("1", (10_000, 10_000)), "PNG"),
        "picture-too-large",
        "不得超过 5500 万像素",
    ),
    "bomb of pixels": (lambda: claimed(60_000, 60_000), "picture-too-large", "5500 万像素"),
    "bomb of rows": (lambda: claimed(7000, 7000), "picture-damaged", "重新拍摄"),
    "bomb of notes": (inflating, "picture-damaged", "重新拍摄"),
    "bomb of a profile": (
        lambda: with_chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(80 << 20))),
        "picture-damaged",
        "重新拍摄",
    ),
    "moving png": (lambda: written(scene(40, 30), "PNG", **TWO), "picture-moves", "不接收动图"),
    "moving webp": (lambda: written(scene(40, 30), "WEBP", **TWO), "picture-moves", "不接收动图"),
    "film in m4a": (lambda: sound("m4a", film="mpeg4"), "video-refused", "不接收视频"),
    "film in webm": (lambda: sound("webm", film="libvpx"), "video-refused", "不接收视频"),
    "cut m4a": (lambda: sound("m4a")[:4000], "sound-damaged", "重新录制"),
    "noise after a tag": (
        lambda: b"ID3\x04\0\0\0\0\0\0" + os.urandom(5000), "sound-damaged", "重新录制",
    ),
    "noise in webm": (lambda: b"\x1a\x45\xdf\xa3" + os.urandom(900), "sound-damaged", "重新录制"),
    "one sample a second": (
        lambda: wav(bytes(9000), rate=1), "sound-damaged", "重新录制",
    ),
    "no sound": (lambda: wav(b""), "sound-silent", "没有声音"),
    "too long": (lambda: sound("mp3", 181), "sound-too-long", "不得超过 180 秒"),
    "hours in kilobytes": (
        lambda: sound("webm", 900, silent=True), "sound-too-long", "不得超过 180 秒",
    ),
    "playlist": (lambda: b"#EXTM3U\nhttp://127.0.0.1/a.mp3", "upload-type", "可以上传照片"),
    "list of files": (lambda: b"ffconcat version 1.0\nfile /etc/passwd", "upload-type", "录音"),
    "cut pdf": (lambda: pdf()[:-30], "document-damaged", "重新导出"),
}  # fmt: skip


@pytest.fixture
def kept(app, session):
    """Everything that a file could leave behind."""
    storage = app.extensions["relief.config"].storage_dir

    def look():
        rows = [
            session.scalar(select(func.count()).select_from(one))
            for one in (StoredFile, CaseEnclosure)
        ]
        done = select(func.count()).where(AuditEvent.action == "case:enclosed")
        return rows, session.scalar(done), sorted(storage.rglob("*"))

    return look


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_in_clear_words_and_nothing_is_left(office, case, kept, name):
    build, code, words = BAD[name]
    before = kept()

    answer = put(office, case, build(), name="照片.jpg")

    assert (answer.status_code, answer.json["code"]) == (422, code), answer.json
    told = answer.json["title"] + answer.json.get("detail", "")
    assert words in told
    assert not re.search(r"[A-Za-z]{6,}", told)  # no word of a library
    assert kept() == before
    # The same id is free for the right file.
    assert put(office, case, pdf(), one=FIRST).status_code == 200


def test_the_name_and_the_header_count_for_nothing(office, case):
    sent = {"file": (io.BytesIO(photo()), "a.pdf", "application/pdf"), "title": "户口簿首页"}
    client = office.client("D01", "clerk")

    answer = client.put(f"/v1/cases/{case}/enclosures/{FIRST}", data=sent)

    assert answer.json["enclosures"][0]["media_type"] == "image/jpeg"


def test_there_are_more_than_twenty_kinds():
    assert len(BAD) >= 20
