"""How much one picture, sound or document may be, and what making it anew may take."""

from dataclasses import dataclass

_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaLimits:
    """Limits of one file and of the child process that makes it anew."""

    file_bytes: int = 10 * _MIB  # what WeChat lets a mini program upload
    pixels: int = 55_000_000  # a telephone of 50 megapixels; of 100 nobody needs a paper
    longest_side: int = 2560  # a page of A4 is read well at 220 points an inch
    quality: int = 85  # of JPEG
    memory_bytes: int = 1024 * _MIB  # address space: all pixels twice, and the libraries
    cpu_seconds: int = 20
    wall_seconds: int = 40
    kept_bytes: int = 16 * _MIB  # the most that the child can write
    at_once: int = 2  # children of one web process
    wait_seconds: int = 20  # for one of them to end
    together: int = 4  # requests of one web process that have one made or wait: half its threads


DEFAULT_LIMITS = MediaLimits()
