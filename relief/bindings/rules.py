"""The parameters of the mini program as they hold on a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from relief.core.clock import local_date
from relief.schemes import queries as schemes
from relief.schemes.errors import ParameterNotSet
from relief.schemes.models import Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How long sessions and codes live, and how many failures are borne before a block."""

    session: timedelta
    idle: timedelta
    sign_in_failures: int  # of one address, in the window
    window: timedelta
    blocked_for: timedelta
    bind_tries: int  # of one account, in the window
    household_code: timedelta
    helper_code: timedelta


def rules_on(session: Session, *, now: datetime) -> Rules:
    """Return the rules of a day, in one query. Raises ParameterNotSet."""
    day = local_date(now)
    rows = schemes.parameters(session, on=day)

    def number(name: str) -> int:
        return _value(rows, name, day.isoformat())

    return Rules(
        session=timedelta(days=number("mini_session_days")),
        idle=timedelta(days=number("mini_session_idle_days")),
        sign_in_failures=number("mini_sign_in_failures_max"),
        window=timedelta(minutes=number("mini_throttle_window_minutes")),
        blocked_for=timedelta(minutes=number("mini_throttle_block_minutes")),
        bind_tries=number("mini_bind_tries_max"),
        household_code=timedelta(days=number("mini_household_code_days")),
        helper_code=timedelta(minutes=number("mini_helper_code_minutes")),
    )


def _value(rows: Mapping[str, Parameter], name: str, day: str) -> int:
    if name not in rows:
        raise ParameterNotSet(name=name, on=day)
    return int(rows[name].value)
