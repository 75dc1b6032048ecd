"""Entries of the registers that rosters are drawn from: victims of a disaster, monitored people."""

import uuid
from datetime import date, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from relief.accounts.types import Role
from relief.registers.types import Content, Register, State
from relief.registry.models import Enrolment
from relief.review import decisions
from tests.factories import Home
from tests.support.registers import deliver
from tests.support.rostering import RosterTown
from tests.support.settings import CIPHER, START

FLOOD, STORM = date(2026, 8, 3), date(2026, 9, 12)
FOUND = date(2026, 10, 12)
DAY = date(2026, 11, 1)
CHANGES = Content.CHANGES


def _day(given: dict[str, Any]) -> date:
    """Changes come after what they change."""
    return DAY + timedelta(days=1) if given.get("content") is CHANGES else DAY


def victim(home: Home | str, event: str = "洪涝", **given: Any) -> dict[str, Any]:
    """Someone whom a disaster hit, who cannot help themselves."""
    number = home if isinstance(home, str) else home.citizen_id
    told = {
        "number": number, "key": f"{number}{event}", "group": event, "place": f"2026年{event}",
        "from_on": FLOOD, "amount_fen": 1_200_000, "kind": "unable", "name": "张三",
    }  # fmt: skip
    return told | given


def monitored(home: Home | str, **given: Any) -> dict[str, Any]:
    """Someone whose household is monitored."""
    number = home if isinstance(home, str) else home.citizen_id
    told = {
        "number": number, "key": number, "group": f"J{number[-6:]}", "place": "因病",
        "from_on": FOUND, "kind": "marginal", "name": "张三", "state": State.VALID,
    }  # fmt: skip
    return told | given


def hit(session: Session, *rows: dict[str, Any], **given: Any) -> uuid.UUID:
    """Let the emergency office deliver its register of victims."""
    told = {"now": START, "day": _day(given)} | given
    batch = deliver(session, CIPHER, Register.DISASTER_VICTIMS, *rows, **told)
    session.commit()
    return batch


def watch(session: Session, *rows: dict[str, Any], **given: Any) -> uuid.UUID:
    """Let the agriculture office deliver its register of monitored households."""
    told = {"now": START, "day": _day(given)} | given
    batch = deliver(session, CIPHER, Register.MONITORED_HOUSEHOLDS, *rows, **told)
    session.commit()
    return batch


def judge(roster: RosterTown, case_id: uuid.UUID, *, granted: bool = True) -> None:
    """Take a case of S26 to its decision, as the offices do."""
    roster.go_on(case_id)
    with roster.opened() as session:
        decisions.decide(
            session, actor=roster.actor(Role.APPROVER, "D07"), case_id=case_id, granted=granted,
            amount_fen=100_000 if granted else None, reason="经审核", now=roster.clock(),
        )  # fmt: skip


def lined(session: Session, home: Home, last_on: date, *spells: Range[date]) -> None:
    """Let the list of S26 have lines of a home in the months of `spells`, the last on a day.

    Of a home that stood on that of S14 until now.
    """
    session.execute(
        update(Enrolment)
        .where(Enrolment.person_id == home.person_id, Enrolment.scheme_code.in_(("S14", "S26")))
        .values(scheme_code="S26", last_on=last_on, spells=list(spells))
    )
    session.commit()
