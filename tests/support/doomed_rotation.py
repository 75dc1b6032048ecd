"""A process that turns everything to the keys 2, to be killed: `doomed_rotation URL STORAGE`.

It says on standard output how many values it has turned, at each step.
"""

import sys
from pathlib import Path

from relief.app import create_app
from relief.jobs.process import unit_of_work_of
from relief.tasks import key_rotation
from relief.wiring import HOLDERS
from tests.support.settings import FakeClock, cipher_with, make_config

STEP = 250


def rotation_of(app, *, step=STEP, progress=lambda *_: None) -> key_rotation.Rotation:
    """The rotation of an application's database to its present keys."""
    config = app.extensions["relief.config"]
    return key_rotation.Rotation(
        unit_of_work=unit_of_work_of(app),
        database_url=config.database_url,
        holders=HOLDERS,
        keys=key_rotation.Keys(config.cipher, config.storage_dir),
        clock=FakeClock(),
        progress=progress,
        step=step,
    )


def main() -> None:
    url, storage = sys.argv[1:]
    config = make_config(url, Path(storage), cipher_with(data=(1, 2), index=(1, 2)))
    app = create_app(config, FakeClock())

    def tell(done: int, _total: int, _message: str) -> None:
        sys.stdout.write(f"{done}\n")
        sys.stdout.flush()

    key_rotation.rotate(rotation_of(app, progress=tell))


if __name__ == "__main__":
    main()
