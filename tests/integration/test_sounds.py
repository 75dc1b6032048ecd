"""A recording is made anew from its samples: one form, the length that was heard, nothing else."""

import dataclasses
import io
import struct

import pytest

from relief.attachments.media import child, service
from relief.attachments.media.errors import SoundTooLong, UploadHostile, UploadType
from relief.attachments.media.kinds import form_of
from relief.attachments.media.limits import DEFAULT_LIMITS
from relief.attachments.media.types import MediaKind
from tests.support.sounds import FORMS, heard, samples, sound, wav

LONGEST = 60


def run(content: bytes, longest: int = LONGEST):
    """Do in this process what the child does."""
    limits = dataclasses.asdict(DEFAULT_LIMITS)
    return child.run(
        {"form": form_of(content).value, "limits": limits, "longest": longest}, content
    )


def make(content: bytes, longest: int = LONGEST, **changed):
    limits = dataclasses.replace(DEFAULT_LIMITS, **changed)
    received = service.receive(io.BytesIO(content))
    kinds = {MediaKind.SOUND}
    return service.make_anew(received, accepts=kinds, longest=longest, limits=limits).clean


@pytest.mark.parametrize("form", FORMS)
def test_every_form_becomes_the_one_that_every_telephone_plays(form):
    clean = make(sound(form, 2.5, title="private note", artist="Huawei"))

    found = heard(clean.content)
    assert (found["codec"], found["rate"], found["channels"]) == ("mp3", 16_000, 1)
    assert found["tags"] == {}
    assert clean.milliseconds == pytest.approx(2500, abs=60)
    assert found["seconds"] == pytest.approx(2.5, abs=0.1)
    assert not [word for word in (b"private note", b"Huawei") if word in clean.content]
    assert len(clean.content) < 20_000  # 48 kbit/s


@pytest.mark.parametrize("claimed", [0xFFFFFFFF, 0x7FFFFFF0, 5 * 60 * 32_000])
def test_what_the_head_says_of_the_length_counts_for_nothing(claimed):
    told, content = run(wav(samples(3, 16_000), claimed=claimed))

    assert told["milliseconds"] == 3000
    assert heard(content)["seconds"] == pytest.approx(3, abs=0.1)


def test_a_head_that_says_one_second_hides_no_hour():
    whole = bytearray(sound("m4a", 70))
    at = whole.index(b"mdhd") + 16  # version, flags, two times, then its scale
    scale = struct.unpack_from(">I", whole, at)[0]
    struct.pack_into(">I", whole, at + 4, scale)  # one second

    assert run(bytes(whole))[0] == {"refused": "long"}


@pytest.mark.parametrize(
    ("seconds", "fits"), [(LONGEST - 1, True), (LONGEST, True), (LONGEST + 1, False)]
)
def test_the_longest_is_the_parameter_to_the_second(seconds, fits):
    told, content = run(sound("wav", seconds, silent=True))

    assert (told == {"refused": "long"}) is not fits
    assert bool(content) is fits


def test_hours_in_kilobytes_are_stopped_when_they_are_too_long():
    hours = sound("webm", 1800, silent=True)
    assert len(hours) < 1 << 20

    with pytest.raises(SoundTooLong, match="60 秒"):
        make(hours)


@pytest.mark.parametrize("limit", [{"wall_seconds": 0}, {"memory_bytes": 60 << 20}])
def test_what_takes_too_much_is_stopped_and_refused(limit):
    with pytest.raises(UploadHostile):
        make(sound("mp3"), **limit)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (sound("m4a", film="mpeg4"), "video"),
        (sound("webm", film="libvpx"), "video"),
        (sound("m4a")[:4000], "damaged"),
        (wav(bytes(9000), rate=1), "damaged"),
        (wav(bytes(9000), rate=4_000_000), "damaged"),
        (wav(bytes(9000), channels=200), "damaged"),
        (wav(b""), "silent"),
        (b"\xff\xfb\x90\x64" + bytes(range(256)) * 20, "damaged"),
    ],
)
def test_what_is_no_sound_is_refused(content, why):
    assert run(content) == ({"refused": why}, b"")


def test_many_lost_packets_make_a_damaged_recording_and_one_does_not():
    whole = sound("aac", 4)
    starts, at = [], 0
    while at < len(whole):  # the length of a frame stands in its head, in thirteen bits
        starts.append(at)
        at += int.from_bytes(whole[at + 3 : at + 6]) >> 5 & 0x1FFF

    def hurt(which):
        changed = bytearray(whole)
        for start in which:
            changed[start + 7 : start + 60] = b"\xff" * 53
        return bytes(changed)

    assert "refused" not in run(hurt(starts[20:21]))[0]
    assert run(hurt(starts[5:]))[0] == {"refused": "damaged"}


def test_a_recording_that_ends_early_is_as_long_as_what_there_is():
    told, _ = run(sound("wav", 4)[:64_044])

    assert told["milliseconds"] == pytest.approx(2000, abs=5)


def test_a_sound_is_refused_where_none_is_accepted():
    received = service.receive(io.BytesIO(sound("mp3")))

    with pytest.raises(UploadType, match="可以上传照片"):
        service.make_anew(received, accepts={MediaKind.PICTURE})
