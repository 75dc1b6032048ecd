"""People whom the registry lost, and who come back under another id.

A file that is taken back takes along whom nothing else names; loaded anew, it names them again. Of
whose number nobody has any more it is kept which person had it, and when the number is somebody's
of the same name again, what hangs on that person goes to whom it is now, as if the one had become
the other. A file may have been taken back because its numbers were other people's, so a number
under another name brings nothing back; without a valid number nobody can tell who it is.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ARRAY, DateTime, Uuid, any_, bindparam, delete, literal, select, text
from sqlalchemy.orm import Session

from relief.registry.dependants import Move
from relief.registry.merging.workbench import Workbench
from relief.registry.models import AbsentPerson, IdentityRegistry, Person

_NOTE = text(
    # The name is what the row history has just kept of the person.
    "INSERT INTO absent_person (citizen_id, person_id, name_key, absent_since)"
    " SELECT l.n, l.p, v.name_key, :now FROM unnest(:numbers, :people) AS l(n, p)"
    " CROSS JOIN LATERAL (SELECT v.before ->> 'name_key' AS name_key FROM row_version v"
    "   WHERE v.table_name = 'person' AND v.row_id = l.p AND v.op = 'D'"
    "   ORDER BY v.changed_at DESC, v.id DESC LIMIT 1) v"
    " ON CONFLICT (citizen_id) DO UPDATE SET person_id = excluded.person_id,"
    " name_key = excluded.name_key, absent_since = excluded.absent_since"
).bindparams(
    bindparam("numbers", type_=ARRAY(Uuid())),
    bindparam("people", type_=ARRAY(Uuid())),
    bindparam("now", type_=DateTime(timezone=True)),
)


def come_back(session: Session, bench: Workbench, *, now: datetime) -> Sequence[Move]:
    """Note whom this merge lost, and return who came back, as moves of one of their records.

    One statement where nobody is absent and nobody was lost, and two at most else.
    """
    # Whose records are another's now is not lost: that is a move.
    lost = bench.run("""
        SELECT o.citizen_id, o.person_id FROM old_number o
        ANTI JOIN person_id p ON p.id = o.person_id
        ANTI JOIN (SELECT l.person_id FROM old_link l SEMI JOIN link USING (identity_id)) m
            ON m.person_id = o.person_id
        ORDER BY ALL
    """).fetchall()
    if lost:
        numbers, people = zip(*lost, strict=True)
        session.execute(_NOTE, {"numbers": numbers, "people": people, "now": now})
    elif session.scalar(select(AbsentPerson.citizen_id).limit(1)) is None:
        return ()
    # Also those of whom was lost just now: the same files may give the number to another.
    found = bench.run("""
        SELECT h.citizen_id, p.id, min(l.identity_id)
        FROM held h JOIN person_id p USING (cluster) JOIN link l USING (cluster)
        ANTI JOIN (SELECT o.citizen_id FROM old_number o JOIN person_id i ON i.id = o.person_id) k
            ON k.citizen_id = h.citizen_id
        GROUP BY ALL ORDER BY ALL
    """).fetchall()
    before = _were_absent(session, [number for number, _, _ in found])
    return [
        Move(identity_id, before[number], person_id)
        for number, person_id, identity_id in found
        if number in before
    ]


def _were_absent(session: Session, numbers: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, uuid.UUID]:
    """Return number → who had it, of those numbers that were nobody's; now they are somebody's.

    Those that are somebody's of another name are left out, and none waits any more.
    """
    if not numbers:
        return {}
    gone = (
        delete(AbsentPerson)
        .where(
            AbsentPerson.citizen_id == any_(literal(list(numbers), ARRAY(Uuid()))),
            IdentityRegistry.citizen_id == AbsentPerson.citizen_id,
            Person.id == IdentityRegistry.person_id,
        )
        .returning(
            AbsentPerson.citizen_id,
            AbsentPerson.person_id,
            (AbsentPerson.name_key == Person.name_key).label("is_same"),
        )
        .execution_options(synchronize_session=False)
    )
    return {row.citizen_id: row.person_id for row in session.execute(gone) if row.is_same}
