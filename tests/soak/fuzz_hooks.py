"""What Schemathesis is told of the platform: how to sign in, and which records there are.

Loaded into its process by `SCHEMATHESIS_HOOKS`; `SOAK_FUZZ` holds what it needs to know.
"""

import itertools
import json
import os
import random
from typing import Any

import schemathesis
from sqlalchemy import delete, update

from relief.accounts.models import Account, SignInAttempt
from relief.core.db import session_on
from tests.soak.harness import bearer

KNOWN: dict[str, Any] = json.loads(os.environ["SOAK_FUZZ"])
CHANCE = random.Random(KNOWN["seed"])  # noqa: S311  # no secret
_numbers = itertools.count()


def token_for(case: schemathesis.Case, _context: schemathesis.AuthContext) -> str:
    """One token for all requests, but one of its own for each that ends its session."""
    if case.operation.path.endswith("/sign-out"):
        return f"sign-out {next(_numbers)}"
    return "all"


@schemathesis.auth(refresh_interval=600, cache_by_key=token_for)
class SignedIn:
    """Signs in anew when a token no longer counts, so that the run cannot lock itself out."""

    def get(self, _case: schemathesis.Case, _context: schemathesis.AuthContext) -> str:
        """A new token, also for an account that a fuzzed administrator has disabled."""
        with session_on(KNOWN["url"]) as session:
            session.execute(
                update(Account)
                .where(Account.username == KNOWN["username"])
                .values(disabled_at=None)
            )
            # The wrong codes and passwords of the fuzz have blocked it, as they should.
            session.execute(delete(SignInAttempt))
            return bearer(session, KNOWN["username"])

    def set(self, case: schemathesis.Case, data: str, _context: schemathesis.AuthContext) -> None:
        """Send it."""
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(
    _context: schemathesis.HookContext, case: schemathesis.Case, _kwargs: dict[str, Any]
) -> None:
    """Name a record that exists in half of the valid requests: random ids meet none."""
    meta = case.meta
    if meta is None or meta.generation.mode is not schemathesis.GenerationMode.POSITIVE:
        return
    for part in (case.path_parameters, case.body):
        if isinstance(part, dict):
            for name in part.keys() & KNOWN["ids"].keys():
                if KNOWN["ids"][name] and CHANCE.random() < 0.5:
                    part[name] = CHANCE.choice(KNOWN["ids"][name])
