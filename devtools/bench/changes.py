"""What changes after the first load: a daily file, single records, what a steward decides."""

import csv
import itertools
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from devtools.bench.load import Client, Timings

# One month more of a list whose layout is simple: people known and some that are new to it.
_FILE, _ENCODING = "民政局_城乡低保金发放明细.csv", "gb18030"
_SCHEME = "S01"
_MONTH, _NAME, _NUMBER, _HOUSEHOLD = "发放月份", "姓名", "身份证号", "低保证号"
_REASON = "测量用时"
DAILY_ROWS = 10_000


def write_daily_file(files: Path, target: Path, *, rows: int = DAILY_ROWS) -> int:
    """Write the month after the last for some people of a list; return how many rows it has."""
    title, heading, people = _month_after(files)
    chosen = people[:rows]
    with target.open("w", encoding=_ENCODING, newline="") as out:
        written = csv.writer(out, lineterminator="\n")
        written.writerows([title, heading, *chosen])
    return len(chosen)


def _month_after(files: Path) -> tuple[list[str], list[str], list[list[str]]]:
    """Return a list's title and headings, and a row of the month after the last for everyone."""
    with (files / _FILE).open(encoding=_ENCODING, newline="") as source:
        lines = csv.reader(source)
        title, heading = next(lines), next(lines)
        month, name, number = (heading.index(one) for one in (_MONTH, _NAME, _NUMBER))
        last = {(row[name], row[number]): row for row in lines if len(row) > month and row[month]}
    newest = max(row[month] for row in last.values())
    year, _, rest = newest.partition("年")
    following = f"{year}年{int(rest.rstrip('月')) + 1:02d}月"
    people = [[*row[:month], following, *row[month + 1 :]] for _, row in sorted(last.items())]
    random.Random(1).shuffle(people)  # noqa: S311  # repeatable, not secret
    return title, heading, people


def single_records(
    port: int, username: str, password: str, files: Path, *, count: int
) -> dict[str, Any]:
    """Send records one after the other: of people known by number, and without a number."""
    client, timings = Client(port, username, password), Timings()
    _, heading, people = _month_after(files)
    told_of = [dict(zip(heading, row, strict=False)) for row in people]
    whole = [row for row in told_of if row.get(_NAME) and row.get(_NUMBER) and row.get(_HOUSEHOLD)]
    waited = 0
    for number, row in enumerate(whole[-2 * count :]):
        record = {text: cell for text, cell in row.items() if text}
        kind = "known by number" if number % 2 else "without a number"
        if kind == "without a number":
            record |= {_NUMBER: "", _HOUSEHOLD: f"N{number}"}
        started = time.perf_counter()
        told = client.ask(("POST", "/v1/records", {"scheme": _SCHEME, "rows": [record]}))
        taken = (time.perf_counter() - started) * 1000
        timings.by_kind.setdefault(kind, []).append(taken)
        waited += not told["merged"]
    client.close()
    return {"left to the worker": waited, **timings.as_json()}


def steward_acts(port: int, username: str, password: str, *, people: int) -> dict[str, Any]:
    """Split and rejoin people one after the other; return how long each act took."""
    client, timings = Client(port, username, password), Timings()

    def act(kind: str, path: str, body: dict[str, Any]) -> Any:
        started = time.perf_counter()
        answer = client.ask(("POST", path, body))
        taken = (time.perf_counter() - started) * 1000
        timings.by_kind.setdefault(kind, []).append(taken)
        return answer

    for person in itertools.islice(_known_by_several(client), people):
        told = client.ask(("GET", f"/v1/persons/{person}/descriptions", None))
        some = [told["rows"][0]["id"]]
        split = act(
            "split",
            f"/v1/persons/{person}/split",
            {"identities": some, "seen": told["seen"], "reason": _REASON},
        )
        act("withdraw", f"/v1/link-acts/{split['id']}/withdraw", {"reason": _REASON})
    heads = _heads(client)
    for one, other in itertools.islice(zip(heads, heads, strict=False), people):
        seen, other_seen = (
            client.ask(("GET", f"/v1/persons/{person}/descriptions", None))["seen"]
            for person in (one, other)
        )
        merged = act(
            "merge by hand",
            f"/v1/persons/{one}/merge",
            {"other_id": other, "seen": seen, "other_seen": other_seen, "reason": _REASON},
        )
        act("withdraw", f"/v1/link-acts/{merged['id']}/withdraw", {"reason": _REASON})
    client.close()
    return timings.as_json()


def _heads(client: Client) -> Iterator[str]:
    """Yield the householders, page by page."""
    path = "/v1/households?limit=100"
    while path:
        page = client.ask(("GET", path, None))
        yield from (home["householder_id"] for home in page["items"])
        cursor = page["next_cursor"]
        path = f"/v1/households?limit=100&cursor={cursor}" if cursor else ""


def _known_by_several(client: Client) -> Iterator[str]:
    for person in _heads(client):
        told = client.ask(("GET", f"/v1/persons/{person}/descriptions", None))
        if len(told["rows"]) > 1:
            yield person
