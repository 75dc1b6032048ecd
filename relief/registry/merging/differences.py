"""Writes sums over the whole registry of which only the difference is known.

Of a region's aid and a file's faults, a merge of some parts knows what those parts gave to it
before and what they give now.
"""

from sqlalchemy.orm import Session

from relief.registry.merging import apply
from relief.registry.merging.apply import Change, Target, run
from relief.registry.merging.workbench import Workbench


def add(
    session: Session, bench: Workbench, target: Target, *, empty: str, kept: str = "false"
) -> Change:
    """Add the rows of a target's query to those that are there.

    `empty`: when a row `t` says nothing any more and goes, unless it is `kept`. Columns that are
    no key are numbers, or arrays of them, which are added place by place.
    """
    bench.run(f"CREATE TABLE out_{target.table} AS {target.query}")
    if not bench.count(f"out_{target.table}"):
        return Change()
    apply.stage(session, bench, (target,))
    same = " AND ".join(f"t.{column} = n.{column}" for column in target.key)
    sums = [column for column in target.columns if column not in target.key]
    there = f"FROM new_{target.table} n"
    changed = run(
        session,
        f"UPDATE {target.table} t SET {', '.join(f'{c} = {_sum(target, c)}' for c in sums)}"
        f" {there} WHERE {same}",
    )
    columns = ", ".join(target.columns)
    added = run(
        session,
        f"INSERT INTO {target.table} ({columns}) SELECT {columns} {there}"
        f" WHERE NOT EXISTS (SELECT FROM {target.table} t WHERE {same})",
    )
    removed = run(
        session,
        f"DELETE FROM {target.table} t USING new_{target.table} n"
        f" WHERE {same} AND {empty} AND NOT ({kept})",
    )
    return Change(added, changed - removed, removed)


def _sum(target: Target, column: str) -> str:
    if column not in target.arrays:
        return f"t.{column} + n.{column}"
    return (
        f"ARRAY(SELECT a + b FROM unnest(t.{column}, n.{column}) WITH ORDINALITY u(a, b, place)"
        " ORDER BY place)"
    )
