"""Recordings as telephones make them, and as nobody should: made by FFmpeg's own encoders."""

import io
import math
import struct
from array import array
from typing import Any

import av
from PIL import Image

# Of a form: container, encoder, samples a second.
FORMS = {
    "mp3": ("mp3", "libmp3lame", 44_100),
    "aac": ("adts", "aac", 44_100),
    "m4a": ("ipod", "aac", 48_000),
    "wav": ("wav", "pcm_s16le", 16_000),
    "webm": ("webm", "libopus", 48_000),
}


def samples(seconds: float, rate: int, *, silent: bool = False) -> bytes:
    """A tone of 440 Hz, or silence: 16 bits, mono."""
    if silent:
        return bytes(2 * int(seconds * rate))
    one = array(
        "h", (int(9000 * math.sin(2 * math.pi * 440 * at / rate)) for at in range(rate))
    ).tobytes()
    return (one * (int(seconds) + 1))[: 2 * int(seconds * rate)]


def sound(
    form: str, seconds: float = 1.0, *, silent: bool = False, film: str = "", **tags: str
) -> bytes:
    """A recording; `film`: the encoder of a moving picture beside it."""
    container, encoder, rate = FORMS[form]
    made = io.BytesIO()
    with av.open(made, "w", format=container) as target:
        target.metadata.update(tags)
        track = target.add_stream(encoder, rate=rate, layout="mono")
        moving = target.add_stream(film, rate=5) if film else None
        if moving is not None:
            moving.width, moving.height, moving.pix_fmt = 32, 32, "yuv420p"
        piece = rate // 2
        plain = samples(seconds, rate, silent=silent)
        turn = av.AudioResampler(format=track.format.name, layout="mono", rate=rate)
        for start in range(0, len(plain) // 2, piece):
            data = plain[2 * start : 2 * (start + piece)]
            frame = av.AudioFrame("s16", "mono", len(data) // 2)
            frame.planes[0].update(data + bytes(frame.planes[0].buffer_size - len(data)))
            frame.sample_rate, frame.pts = rate, start
            for turned in turn.resample(frame):
                target.mux(track.encode(turned))
        target.mux(track.encode(None))
        if moving is not None:
            for _ in range(3):
                target.mux(moving.encode(av.VideoFrame.from_image(Image.new("RGB", (32, 32)))))
            target.mux(moving.encode(None))
    return made.getvalue()


def wav(data: bytes, *, rate: int = 16_000, claimed: int | None = None, channels: int = 1) -> bytes:
    """A WAV by hand; `claimed`: how many bytes of sound its head says there are."""
    size = len(data) if claimed is None else claimed
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * 2, 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", size) + data
    return b"RIFF" + struct.pack("<I", min(size + 36, 0xFFFFFFFF)) + body


def heard(content: bytes) -> dict[str, Any]:
    """What a player finds in a file."""
    with av.open(io.BytesIO(content)) as source:
        [track] = source.streams
        context = track.codec_context
        frames = list(source.decode(track))
        return {
            "codec": context.codec.canonical_name,
            "rate": context.sample_rate,
            "channels": context.channels,
            "seconds": sum(one.samples / one.sample_rate for one in frames),
            "tags": dict(source.metadata),
        }
