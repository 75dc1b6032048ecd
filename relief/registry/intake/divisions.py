"""Notes which identity numbers begin with no known division, while they are in the clear."""

import pyarrow as pa
from sqlalchemy import text
from sqlalchemy.orm import Session

_PREFIX = 6

# Both in one go: a number whose division has become known loses its note.
_NOTE = text("""
WITH given AS (
    SELECT DISTINCT n.citizen_id, d.code IS NOT NULL AS known
    FROM unnest(CAST(:numbers AS uuid[]), CAST(:prefixes AS int[])) AS n (citizen_id, prefix)
    LEFT JOIN number_division d ON d.code = n.prefix
), cleared AS (
    DELETE FROM unplaced_number u USING given g WHERE u.citizen_id = g.citizen_id AND g.known
)
INSERT INTO unplaced_number (citizen_id) SELECT citizen_id FROM given WHERE NOT known
ON CONFLICT DO NOTHING
""")


def note(
    session: Session, *, numbers: pa.ChunkedArray, ids: pa.Array, valid: pa.ChunkedArray
) -> None:
    """Note of the valid numbers of a file those that begin with no known division (GB 11643).

    `ids`: the secret value of each number, in hexadecimal digits. One statement.
    """
    seen = {
        name: int(number[:_PREFIX])
        for number, name, is_valid in zip(
            numbers.to_pylist(), ids.to_pylist(), valid.to_pylist(), strict=True
        )
        if is_valid
    }
    if seen:
        session.execute(_NOTE, {"numbers": list(seen), "prefixes": list(seen.values())})
