"""What a sent file can be, and what is known of it once it was made anew."""

import enum
from dataclasses import dataclass


class MediaKind(enum.StrEnum):
    """What a file is to people."""

    PICTURE = "picture"
    SOUND = "sound"
    DOCUMENT = "document"  # PDF: kept as it came


class Form(enum.StrEnum):
    """How a file is written, as its first bytes tell. The last ones are known and refused."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    PDF = "pdf"
    MP3 = "mp3"
    AAC = "aac"
    M4A = "m4a"
    WAV = "wav"
    WEBM = "webm"
    HEIC = "heic"
    GIF = "gif"
    SVG = "svg"
    VIDEO = "video"
    OTHER = "other"


class Refusal(enum.StrEnum):
    """Why the child process refuses a file."""

    DAMAGED = "damaged"
    PIXELS = "pixels"
    MOVES = "moves"
    VIDEO = "video"
    SILENT = "silent"  # nothing to hear in it
    LONG = "long"
    HOSTILE = "hostile"  # it took too much time or memory


class Refused(Exception):
    """The child process refuses a file."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Clean:
    """A file made anew: its bytes, and what was measured (pixels; of what was decoded, ms)."""

    content: bytes
    media_type: str
    width: int | None = None
    height: int | None = None
    milliseconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A file as it came, whole and in memory, with its SHA-256."""

    content: bytes
    sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What is to be kept of a file, and what came."""

    kind: MediaKind
    clean: Clean
    received_sha256: bytes
    received_size: int
