"""The locks name packages and hashes: no host, no path, and everything the project asks for."""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[a-z0-9, ._-]+\])?==[^\s;]+( ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def faults(text: str, wanted: set[str]) -> list[str]:
    """Return what is wrong with one lock."""
    found = [line for line in text.splitlines() if line.strip()]
    strange = [line for line in found if not PIN.match(line) and not HASH.match(line)]
    pinned = {match[1] for line in found if (match := PIN.match(line))}
    return [
        *(f"not a pin or a hash: {line}" for line in strange),
        *(f"not locked: {name}" for name in sorted(wanted - pinned)),
    ]


def requirements(*extras: str) -> set[str]:
    """Return the names of the packages that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = list(project["dependencies"])
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    names = (re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0] for line in lines)
    return {re.sub(r"[._]", "-", name).lower() for name in names}


def main() -> int:
    """Check both locks; 1 if something is wrong."""
    told = [
        f"{name}: {fault}"
        for name, extras in (
            ("requirements.lock", ["build"]),
            ("requirements-dev.lock", ["build", "dev"]),
        )
        for fault in faults((ROOT / name).read_text("utf-8"), requirements(*extras))
    ]
    sys.stderr.writelines(f"{line}\n" for line in told)
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
