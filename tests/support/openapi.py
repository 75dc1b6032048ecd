"""The staff API's contract as a file, so that a change of it is seen in review."""

import json
from pathlib import Path

from relief.app import create_app
from tests.support.settings import make_config

FILE = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"


def contract() -> str:
    """Return the contract that the application tells, in a stable form."""
    app = create_app(make_config("postgresql://nobody@127.0.0.1:1/none", Path("unused")))
    document = app.test_client().get("/openapi.json").get_json()
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(contract(), "utf-8")
