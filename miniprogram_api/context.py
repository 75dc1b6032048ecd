"""What a view of the mini program needs to know of its request, and how it is marked.

Every view is marked with `@requires(role, scope=…)`, or its endpoint stands in `guard.PUBLIC`, or
it answers nobody.
"""

from collections.abc import Callable
from typing import Literal, TypeVar

from flask import g
from werkzeug.exceptions import Unauthorized

from relief.bindings.sign_in import Caller
from relief.bindings.types import MiniRole
from relief.web.context import cipher, now

__all__ = ["Caller", "MiniRole", "ScopeKind", "cipher", "current_caller", "now", "requires"]

# What of the caller a view depends on, for whoever reads or tests the routes: "own": only what is
# the account's own; "household": the household it is bound to; "assigned": the households of the
# helper; "none": the same for all.
ScopeKind = Literal["own", "household", "assigned", "none"]

View = TypeVar("View", bound=Callable[..., object])


def requires(
    role: MiniRole | None, *, scope: ScopeKind, without_consent: bool = False
) -> Callable[[View], View]:
    """Mark a view with the role it needs; `miniprogram_api.guard` refuses who lacks it.

    `role` None: whoever is signed in. `without_consent`: also who did not agree to the privacy
    policy, or took that back; for signing out, unbinding and agreeing, and for nothing that tells
    of people.
    """

    def mark(view: View) -> View:
        view.mini_role = role  # type: ignore[attr-defined]  # a mark
        view.scope_kind = scope  # type: ignore[attr-defined]  # a mark
        view.without_consent = without_consent  # type: ignore[attr-defined]  # a mark
        return view

    return mark


def current_caller() -> Caller:
    """Return who is signed in, or fail with 401."""
    caller = g.get("caller")
    if not isinstance(caller, Caller):
        raise Unauthorized
    return caller
