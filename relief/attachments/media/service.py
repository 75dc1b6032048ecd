"""Takes in a file that was sent: whole, of a form that is accepted, and made anew.

Not within a transaction: making a picture or sound anew may take seconds.
"""

import hashlib
from collections.abc import Collection, Mapping
from typing import IO

from relief.attachments.errors import FileTooLarge
from relief.attachments.media import running
from relief.attachments.media.errors import (
    DocumentDamaged,
    PictureDamaged,
    PictureMoves,
    PictureTooLarge,
    SoundDamaged,
    SoundSilent,
    SoundTooLong,
    UploadEmpty,
    UploadHostile,
    UploadType,
    VideoRefused,
)
from relief.attachments.media.kinds import KIND_OF, form_of
from relief.attachments.media.limits import DEFAULT_LIMITS, MediaLimits
from relief.attachments.media.types import (
    Clean,
    Form,
    MediaKind,
    Received,
    Refusal,
    Refused,
    Taken,
)
from relief.core.errors import Invalid

SUFFIXES: Mapping[str, str] = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "audio/mpeg": ".mp3",
    "application/pdf": ".pdf",
}
_WORDS: Mapping[MediaKind, str] = {
    MediaKind.PICTURE: "照片（JPG、PNG、WebP）",
    MediaKind.SOUND: "录音（MP3、AAC、M4A、WAV、WebM）",
    MediaKind.DOCUMENT: "PDF 文件",
}
_ADVICE: Mapping[Form, str] = {
    Form.HEIC: "不接收 HEIC 照片，请在手机相机设置的“格式”中选择“兼容性最佳”后重新拍摄。",
    Form.GIF: "不接收 GIF 图片。",
    Form.SVG: "不接收 SVG 图形，其中可以夹带程序。",
}
_MIB = 1 << 20
_END_OF_PDF = 2048


def receive(stream: IO[bytes], *, limits: MediaLimits = DEFAULT_LIMITS) -> Received:
    """Read a file that was sent. Raises UploadEmpty, FileTooLarge."""
    content = stream.read(limits.file_bytes + 1)
    if not content:
        raise UploadEmpty
    if len(content) > limits.file_bytes:
        detail = f"一个文件不得超过 {limits.file_bytes // _MIB} MB（本平台附件规则）。"
        raise FileTooLarge(detail)
    return Received(content=content, sha256=hashlib.sha256(content).digest())


def kind_of(received: Received) -> MediaKind | None:
    """Return what a file is to people, as its first bytes tell."""
    return KIND_OF.get(form_of(received.content))


def make_anew(
    received: Received,
    *,
    accepts: Collection[MediaKind],
    longest: int = 0,
    limits: MediaLimits = DEFAULT_LIMITS,
) -> Taken:
    """Return what is to be kept of a file. `longest`: of a sound, in seconds.

    Raises UploadType, VideoRefused; of a picture PictureDamaged, PictureTooLarge, PictureMoves; of
    a sound SoundDamaged, SoundSilent, SoundTooLong; DocumentDamaged; UploadHostile, MediaBusy.
    """
    form = form_of(received.content)
    kind = kind_of(received)
    if form is Form.VIDEO:
        raise VideoRefused
    if kind is None or kind not in accepts:
        taken = "、".join(words for one, words in _WORDS.items() if one in accepts)
        advice = _ADVICE.get(form, "不接收这种文件。")
        detail = f"{advice}可以上传{taken}。按文件内容判断，与文件名无关。"
        raise UploadType(detail)
    if kind is MediaKind.DOCUMENT:
        clean = _document(received.content)
    else:
        try:
            clean = running.make(received.content, form, limits, longest=longest)
        except Refused as refused:
            raise _fault(kind, refused.why, limits, longest) from None
    return Taken(
        kind=kind,
        clean=clean,
        received_sha256=received.sha256,
        received_size=len(received.content),
    )


def _document(content: bytes) -> Clean:
    """Return a PDF as it came, if it has an end. Nobody reads it here, nor makes it anew."""
    if b"%%EOF" not in content[-_END_OF_PDF:] or b"startxref" not in content[-_END_OF_PDF:]:
        raise DocumentDamaged
    return Clean(content=content, media_type="application/pdf")


def _fault(kind: MediaKind, why: Refusal, limits: MediaLimits, longest: int) -> Invalid:
    if why is Refusal.PIXELS:
        most = limits.pixels // 10_000
        return PictureTooLarge(f"图片不得超过 {most} 万像素（本平台附件规则），请缩小后上传。")
    if why is Refusal.LONG:
        return SoundTooLong(f"录音不得超过 {longest} 秒，请分段录制。")
    simple: Mapping[Refusal, type[Invalid]] = {
        Refusal.DAMAGED: PictureDamaged if kind is MediaKind.PICTURE else SoundDamaged,
        Refusal.MOVES: PictureMoves,
        Refusal.VIDEO: VideoRefused,
        Refusal.SILENT: SoundSilent,
        Refusal.HOSTILE: UploadHostile,
    }
    return simple[why]()
