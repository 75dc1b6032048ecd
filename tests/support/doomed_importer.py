"""A process that imports one file, to be killed: `doomed_importer URL STORAGE PATH`."""

import sys
from pathlib import Path

from relief.app import create_app
from relief.jobs.process import unit_of_work_of
from relief.registry.intake import driver
from tests.support.settings import FakeClock, make_config


def main() -> None:
    url, storage, path = sys.argv[1:]
    app = create_app(make_config(url, Path(storage)), FakeClock())
    job = driver.Import(
        unit_of_work=unit_of_work_of(app),
        scheme_code=None,
        actor_id=None,
        cipher=app.extensions["relief.cipher"],
        storage=Path(storage),
        clock=app.extensions["relief.clock"],
    )
    driver.import_paths([Path(path)], job)


if __name__ == "__main__":
    main()
