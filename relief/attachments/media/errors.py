"""What is wrong with a file that was sent: each says what to do about it."""

from relief.core.errors import Invalid, Unavailable


class UploadEmpty(Invalid):
    code = "upload-empty"
    title = "文件是空的，没有收到任何内容，请重新选择"


class UploadType(Invalid):
    code = "upload-type"
    title = "不接收这种文件"


class PictureDamaged(Invalid):
    code = "picture-damaged"
    title = "图片不完整或已损坏，请重新拍摄，或重新选择后上传"


class PictureTooLarge(Invalid):
    code = "picture-too-large"
    title = "图片的像素过多"


class PictureMoves(Invalid):
    code = "picture-moves"
    title = "不接收动图，请上传单张照片"


class SoundDamaged(Invalid):
    code = "sound-damaged"
    title = "录音不完整或已损坏，请重新录制"


class SoundSilent(Invalid):
    code = "sound-silent"
    title = "文件里没有声音，请重新录制"


class SoundTooLong(Invalid):
    code = "sound-too-long"
    title = "录音过长"


class VideoRefused(Invalid):
    code = "video-refused"
    title = "不接收视频，请上传照片或录音"


class DocumentDamaged(Invalid):
    code = "document-damaged"
    title = "PDF 文件不完整或已损坏，请重新导出后上传"


class UploadHostile(Invalid):
    """It took more time or memory than any honest file does."""

    code = "upload-hostile"
    title = "文件内容异常，处理时超出了时间或内存上限，没有收存"


class MediaBusy(Unavailable):
    code = "media-busy"
    title = "正在处理的文件较多，请稍后再上传"
