"""Makes a picture anew from its pixels, in the child process: nothing else of it survives.

Pillow's own readers of formats that are not asked for are never tried.
"""

from io import BytesIO

from PIL import Image, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin

from relief.attachments.media.limits import MediaLimits
from relief.attachments.media.types import Clean, Form, Refusal, Refused

# Loaded now: later the child cannot open files any more.
_PLUGINS = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin)
_FORMATS = ("JPEG", "PNG", "WEBP")
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_DEEP = 256  # of 65,536 shades one is kept of each 256


def prepare() -> None:
    """Load what Pillow else loads when it opens the first picture."""
    Image.preinit()


def make(content: bytes, form: Form, limits: MediaLimits, *, longest: int) -> Clean:  # noqa: ARG001  # of a sound
    """Return a picture upright, no larger than is needed, and without a word about itself.

    Raises Refused.
    """
    # Our own limit, before anything is decoded; Pillow only warns at its own.
    Image.MAX_IMAGE_PIXELS = None
    try:
        if form is Form.PNG:
            with Image.open(BytesIO(content), formats=_FORMATS) as whole:
                whole.verify()  # the sums of its parts, which reading the pixels passes over
        with Image.open(BytesIO(content), formats=_FORMATS) as image:
            _refuse(image, limits)
            return _encode(_upright(image, limits), form, limits)
    except (Refused, MemoryError):
        raise
    except Exception as error:  # whatever a reader raises, it is the file's fault
        raise Refused(Refusal.DAMAGED) from error


def _refuse(image: Image.Image, limits: MediaLimits) -> None:
    if image.width * image.height > limits.pixels:
        raise Refused(Refusal.PIXELS)
    # The second picture in a JPEG is the telephone's own (a depth map, a small copy).
    if image.format in {"PNG", "WEBP"} and getattr(image, "n_frames", 1) > 1:
        raise Refused(Refusal.MOVES)


def _upright(image: Image.Image, limits: MediaLimits) -> Image.Image:
    turn = _TURNS.get(_orientation(image))
    side = (limits.longest_side, limits.longest_side)
    if image.mode in {"1", "P", "PA"} or image.mode.startswith("I"):
        small = _flat(image)  # shades between those of a palette need all colours
        small.thumbnail(side, Image.Resampling.LANCZOS)
    else:
        image.thumbnail(side, Image.Resampling.LANCZOS, reducing_gap=2.0)
        small = _flat(image)
    return small if turn is None else small.transpose(turn)


def _orientation(image: Image.Image) -> int:
    try:
        found = image.getexif().get(_ORIENTATION)
    except Exception:  # noqa: BLE001  # a picture whose notes are broken is a picture
        return 1
    return found if isinstance(found, int) else 1


def _flat(image: Image.Image) -> Image.Image:
    """Return a picture in grey or colour, on white where it is transparent."""
    if image.mode.startswith("I"):
        return image.point(lambda shade: shade / _DEEP).convert("L")
    if image.has_transparency_data:
        drawn = image.convert("RGBA")
        white = Image.new("RGBA", drawn.size, "white")
        return Image.alpha_composite(white, drawn).convert("RGB")
    return image.convert("L" if image.mode in {"1", "L"} else "RGB")


def _encode(image: Image.Image, form: Form, limits: MediaLimits) -> Clean:
    """Write the pixels anew; what was drawn, and no photo, is smaller and sharper as PNG."""
    bare = Image.frombytes(image.mode, image.size, image.tobytes())
    made = BytesIO()
    bare.save(made, "JPEG", quality=limits.quality, optimize=True)
    content, media_type = made.getvalue(), "image/jpeg"
    if form is Form.PNG:
        sharp = BytesIO()
        bare.save(sharp, "PNG")
        if sharp.tell() <= len(content):
            content, media_type = sharp.getvalue(), "image/png"
    return Clean(content=content, media_type=media_type, width=bare.width, height=bare.height)
