"""Everyone who may act in a case, in every department, and someone who applies."""

import uuid
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from relief.accounts.delegation import StandIn
from relief.accounts.identity import Actor
from relief.accounts.types import Role
from tests import factories
from tests.factories import actor_of
from tests.support.people import CITY
from tests.support.settings import CIPHER

DEPARTMENTS = [f"D{number:02d}" for number in range(1, 14)]
ROLES = (Role.CLERK, Role.REVIEWER, Role.APPROVER)


@dataclass
class Stage:
    """What every example begins from, made once."""

    session: Session
    actors: list[Actor]
    person_id: uuid.UUID


def set_up(session: Session) -> Stage:
    """In each department two who hold every role, one who approves, one who stands in."""
    actors = []
    for department in DEPARTMENTS:
        for roles in (ROLES, ROLES, (Role.APPROVER,)):
            # Who may survey is read, and who signed a list: the work goes by it.
            kept = Role.REVIEWER if roles is ROLES else Role.APPROVER
            account = factories.make_account(session, kept, department=department, region=CITY)
            actors.append(replace(actor_of(account), roles=frozenset(roles)))
        away = actors[-1]
        account = factories.make_account(session, None, department=department, region=CITY)
        absent = StandIn(away.id, away.display_name, away.roles)
        reviewer = frozenset({Role.REVIEWER})
        actors.append(replace(actor_of(account), roles=reviewer, acts_for=(absent,)))
    home = factories.make_household(session, CIPHER, schemes=("S14",), marital="10")
    return Stage(session, actors, home.person_id)
