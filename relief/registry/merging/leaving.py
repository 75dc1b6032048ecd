"""Who is on a scheme's roll, and who has left it (离开名册), by rolls and change files.

What a list says of a person in a scheme is set out by day. On the same day a file of what was
paid says least, then a roll that does not name the person, a roll that does, a change file's
*left*, and a change file's *joined* or *changed*. The last word that the person is in stands; the
first word after it that they are out ends the enrolment, and names the day and the batch. So
nothing hangs on the order in which files came, but for one thing: of two rolls of the same day
for the same place, the one received later replaces the other.

A roll speaks of a part of the city. Someone is missing from it if their last row in the scheme
places them there.

Reads `standing` and `teller` beside what `aid` reads; changes `new_enrolment`; makes `on_roll`
and `ended`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from relief.registry.merging.aid import STILL_IN
from relief.registry.merging.workbench import Workbench

# Of everything that is said on one day, in rising strength.
_PAID, _MISSING, _NAMED, _LEFT, _IN = range(5)
_STEP = "date_diff('day', DATE '1900-01-01', {day}) * 10 + {strength}"
_CITY = (0, 10**12)
# Of a person whom only rolls and change files name: from the first word to the end, or the last.
_SPELL = """
    CASE WHEN s.first_on < coalesce(x.ended_on, s.last_on + 1)
         THEN '{[' || s.first_on || ',' || coalesce(x.ended_on, s.last_on + 1) || ')}'
         ELSE '{}' END
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """Above which share of people taken off, or rows that could not be read, a roll is held."""

    share: Decimal
    unread: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one roll that nobody has judged would do."""

    batch: Any
    removed: int
    people: int  # on the roll before, and still counted in
    unread: int

    def is_too_much(self, limits: Limits) -> bool:
        """Tell whether a steward must confirm it: a truncated file throws nobody off."""
        if not self.removed:
            return False
        return self.unread > limits.unread or self.removed > limits.share * self.people

    def as_json(self) -> dict[str, int]:
        """Return the figures as a batch keeps them."""
        return {"removed": self.removed, "people": self.people, "unread": self.unread}


def settle(bench: Workbench) -> None:
    """Bring into `new_enrolment` who is on a roll, and since when who has left."""
    if not bench.count("teller"):
        bench.run("ALTER TABLE new_enrolment ADD COLUMN ended_on DATE")
        bench.run("ALTER TABLE new_enrolment ADD COLUMN ended_by UUID")
        return
    _places(bench)
    _say(bench)
    _last_words(bench)
    _end(bench)
    bench.run(f"""
        CREATE OR REPLACE TABLE new_enrolment AS
        SELECT coalesce(e.cluster, s.cluster) AS cluster, coalesce(e.scheme, s.scheme) AS scheme,
               least(e.first_on, s.first_on) AS first_on,
               greatest(e.last_on, s.last_on) AS last_on,
               coalesce(e.record_count, 0) AS record_count, coalesce(e.total_fen, 0) AS total_fen,
               e.last_fen, coalesce(e.spells, {_SPELL}) AS spells, x.ended_on, x.ended_by
        FROM new_enrolment e
        FULL JOIN (
            SELECT cluster, scheme, min(day) FILTER (is_in) AS first_on,
                   max(day) FILTER (is_in) AS last_on
            FROM on_roll GROUP BY cluster, scheme
        ) s ON s.cluster = e.cluster AND s.scheme = e.scheme
        LEFT JOIN ended x ON x.cluster = coalesce(e.cluster, s.cluster)
                         AND x.scheme = coalesce(e.scheme, s.scheme)
    """)


def judge(bench: Workbench) -> Sequence[Verdict]:
    """Return what each roll that no merge has seen yet would do, by the order of arrival.

    People whom a list of what was paid let go long ago are not counted: the roll only confirms it.
    """
    if not bench.run("SELECT 1 FROM teller WHERE content = 'roll' AND unjudged LIMIT 1").fetchall():
        return []
    rows = bench.run(f"""
        WITH removed AS (
            SELECT e.ended_by AS batch, count(*) AS people
            FROM new_enrolment e JOIN scheme s ON s.code = e.scheme
            LEFT JOIN newest n ON n.scheme = e.scheme
            WHERE e.ended_by IS NOT NULL AND {STILL_IN} GROUP BY ALL
        ),
        stayed AS (
            SELECT o.batch, count(DISTINCT o.cluster) AS people
            FROM on_roll o JOIN last_word w USING (cluster, scheme)
            WHERE w.first_step < {_STEP.format(day="o.day", strength=_MISSING)} GROUP BY ALL
        )
        SELECT t.batch, coalesce(r.people, 0), coalesce(r.people, 0) + coalesce(s.people, 0),
               t.unread
        FROM teller t LEFT JOIN removed r USING (batch) LEFT JOIN stayed s USING (batch)
        WHERE t.content = 'roll' AND t.unjudged ORDER BY t.received
    """).fetchall()
    return [Verdict(*row) for row in rows]


def _places(bench: Workbench) -> None:
    """Make `roll(batch, …, low, high)`: which region codes each roll speaks of."""
    low, high = _CITY
    steps = " ".join(f"WHEN region % {step} = 0 THEN {step}" for step in (10**8, 10**6, 10**3))
    bench.run(f"""
        CREATE TABLE roll AS
        SELECT batch, scheme, day, digest, received,
               {_STEP.format(day="day", strength=_MISSING)} AS step,
               coalesce(region, {low}) AS low,
               coalesce(region + CASE {steps} ELSE 1 END, {high}) AS high
        FROM teller WHERE content = 'roll'
    """)


# A later roll of the same day has taken the place of what `{0}`, an earlier one, says of `{1}`.
_REPLACED = """
    EXISTS (SELECT 1 FROM roll later
            WHERE later.scheme = {0}.scheme AND later.day = {0}.day
              AND later.received > {0}.received
              AND {1} >= later.low AND {1} < later.high)
"""


def _say(bench: Workbench) -> None:
    """Make `on_roll`: what rolls and change files say, without what was replaced."""
    strength = (
        f"CASE WHEN t.content = 'roll' THEN {_NAMED} WHEN s.action = 'left' THEN {_LEFT}"
        f" ELSE {_IN} END"
    )
    bench.run(f"""
        CREATE TABLE on_roll AS
        SELECT l.cluster, t.scheme, s.batch, s.day, i.region, t.digest,
               {_STEP.format(day="s.day", strength=f"({strength})")} AS step,
               s.action IS DISTINCT FROM 'left' AS is_in
        FROM standing s JOIN teller t USING (batch) JOIN link l USING (identity_id)
        JOIN identity i ON i.id = s.identity_id
        WHERE t.content <> 'roll' OR NOT {_REPLACED.format("t", "i.region")}
    """)


def _last_words(bench: Workbench) -> None:
    """Make `last_word`: when, and where, each person was last said to be in a scheme."""
    paid = _STEP.format(day="r.period_on", strength=_PAID)
    bench.run(f"""
        CREATE TABLE last_word AS
        SELECT cluster, scheme, min(step) AS first_step, max(step) AS step,
               arg_max(region, row(step, region)) AS region
        FROM (
            SELECT l.cluster, i.scheme, coalesce({paid}, 0) AS step, i.region
            FROM record r JOIN link l USING (identity_id) JOIN identity i ON i.id = r.identity_id
            WHERE i.scheme IN (SELECT scheme FROM teller)
            UNION ALL SELECT cluster, scheme, step, region FROM on_roll WHERE is_in
        ) GROUP BY cluster, scheme
    """)


def _end(bench: Workbench) -> None:
    """Make `ended`: the first word that someone is out, after the last that they are in."""
    # Rolls are few and so are days and places: not each person looks through the rolls.
    bench.run(f"""
        CREATE TABLE missed AS
        SELECT w.scheme, w.step AS since, w.region,
               min({{'step': r.step, 'digest': r.digest, 'day': r.day, 'batch': r.batch}}) AS word
        FROM (SELECT DISTINCT scheme, step, region FROM last_word) w
        JOIN roll r ON r.scheme = w.scheme AND r.step > w.step
                   AND w.region >= r.low AND w.region < r.high
        WHERE NOT {_REPLACED.format("r", "w.region")}
        GROUP BY w.scheme, w.step, w.region
    """)
    bench.run("""
        CREATE TABLE ended AS
        SELECT cluster, scheme, min(word).day AS ended_on, min(word).batch AS ended_by
        FROM (
            SELECT w.cluster, w.scheme, m.word
            FROM last_word w JOIN missed m ON m.scheme = w.scheme AND m.since = w.step
                                          AND m.region = w.region
            UNION ALL
            SELECT o.cluster, o.scheme,
                   {'step': o.step, 'digest': o.digest, 'day': o.day, 'batch': o.batch}
            FROM on_roll o LEFT JOIN last_word w USING (cluster, scheme)
            WHERE NOT o.is_in AND o.step > coalesce(w.step, -1)
        ) GROUP BY cluster, scheme
    """)
