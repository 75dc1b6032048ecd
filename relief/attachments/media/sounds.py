"""Makes a sound anew from its samples, in the child process: one form that every telephone plays.

The file is in memory and its form is known, so that FFmpeg opens nothing and guesses nothing: only
the one demuxer is used and none but these decoders. No tag of it is read or written.
"""

from collections.abc import Iterator
from io import BytesIO

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.subtitles import codeccontext as subtitles_context
from av.subtitles import stream as subtitles
from av.video import codeccontext as video_context
from av.video import stream as video

from relief.attachments.media.limits import MediaLimits
from relief.attachments.media.types import Clean, Form, Refusal, Refused

# Loaded now, as every kind of track may be met: later the child cannot open files any more.
_PARTS = (subtitles, subtitles_context, video, video_context)
_DEMUXERS = {
    Form.MP3: "mp3",
    Form.AAC: "aac",
    Form.M4A: "mov",
    Form.WAV: "wav",
    Form.WEBM: "matroska",
}
_DECODERS = frozenset(
    {"mp3", "mp3float", "aac", "opus", "vorbis", "pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le"}
    | {"pcm_f32le", "pcm_alaw", "pcm_mulaw"}
)
_RATES = range(8_000, 96_001)  # samples a second; one of 1 Hz would become thousands
_MOST_CHANNELS = 8
_RATE, _BITS = 16_000, 48_000  # speech, in mono
_FILLING = 0.5  # seconds: telephones stop late, and encoders fill up the last frame
_BAD_IN = 10  # of ten packets one may be lost: a recording that was interrupted


def make(content: bytes, form: Form, _limits: MediaLimits, *, longest: int) -> Clean:
    """Return a sound as MP3, with how long it is by what was decoded.

    `longest`: seconds; half a second more, and nothing is decoded any more. Raises Refused.
    """
    # Another file is never opened, also where a track says that it lies there.
    options = {"codec_whitelist": ",".join(sorted(_DECODERS)), "enable_drefs": "0"}
    try:
        with av.open(
            BytesIO(content),
            "r",
            format=_DEMUXERS[form],
            options=options,
            metadata_errors="replace",
        ) as source:
            return _encode(_decoded(source, longest))
    except (Refused, MemoryError):
        raise
    except Exception as error:  # whatever a decoder raises, it is the file's fault
        raise Refused(Refusal.DAMAGED) from error


def _decoded(source: InputContainer, longest: int) -> Iterator[AudioFrame]:
    """Yield what is heard, from the first track."""
    if any(not one.disposition & Disposition.attached_pic for one in source.streams.video):
        raise Refused(Refusal.VIDEO)  # a picture of the cover is none, and is not looked at
    if not source.streams.audio:
        raise Refused(Refusal.SILENT)
    stream = source.streams.audio[0]
    _refuse(stream)
    seconds, packets, lost = 0.0, 0, 0
    for packet in source.demux(stream):
        packets += 1
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            lost += 1
            continue
        for frame in frames:
            seconds += frame.samples / frame.sample_rate
            if seconds > longest + _FILLING:
                raise Refused(Refusal.LONG)
            frame.pts = None  # what the file says of time counts for nothing
            yield frame
    if lost * _BAD_IN > packets:
        raise Refused(Refusal.DAMAGED)


def _refuse(stream: AudioStream) -> None:
    context = stream.codec_context
    is_known = context.name in _DECODERS and context.sample_rate in _RATES
    if not is_known or not 0 < context.channels <= _MOST_CHANNELS:
        raise Refused(Refusal.DAMAGED)


def _encode(frames: Iterator[AudioFrame]) -> Clean:
    made, samples = BytesIO(), 0
    same = av.AudioResampler(format="s16p", layout="mono", rate=_RATE)
    with av.open(made, "w", format="mp3", options={"id3v2_version": "0"}) as target:
        track = target.add_stream("libmp3lame", rate=_RATE, layout="mono", format="s16p")
        track.bit_rate = _BITS
        for frame in frames:
            for small in same.resample(frame):
                samples += small.samples
                target.mux(track.encode(small))
        if not samples:
            raise Refused(Refusal.SILENT)
        for small in same.resample(None):
            samples += small.samples
            target.mux(track.encode(small))
        target.mux(track.encode(None))
    return Clean(
        content=made.getvalue(),
        media_type="audio/mpeg",
        milliseconds=round(samples * 1000 / _RATE),
    )
