"""Who may do what in the mini program, written from the design and not from the code.

Every route of `miniprogram_api` stands here once. A route that does not is a failure of the test.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relief.bindings.types import MiniRole

PUBLIC = {
    ("GET", "/healthz"),
    ("GET", "/mini/openapi.json"),
    ("POST", "/mini/v1/sessions"),
    ("GET", "/mini/v1/policy"),
}
# Flask's own; the mini program has no files of this kind, and nobody gets in.
CLOSED = {("GET", "/static/<path:filename>")}


@dataclass(frozen=True)
class Line:
    """Who may use a route and what it answers then.

    `role` None: whoever is signed in. `scope`: what of the caller it depends on. `others`: of a
    route that names something in its address, the kinds of things in the order of the address; each
    is tried with one that is another's, and must answer as if there were none. `ok`: the statuses
    for whoever has the role, with `body`.
    """

    role: MiniRole | None = None
    scope: str = "own"
    ok: tuple[int, ...] = (200,)
    body: Mapping[str, Any] | None = None
    before_consent: bool = False
    others: tuple[str, ...] = ()


TABLE: dict[tuple[str, str], Line] = {
    ("DELETE", "/mini/v1/sessions/current"): Line(ok=(204,), before_consent=True),
    ("DELETE", "/mini/v1/sessions"): Line(ok=(204,), before_consent=True),
    ("PUT", "/mini/v1/consent"): Line(body={"version": 1}, before_consent=True),
    ("DELETE", "/mini/v1/consent"): Line(ok=(204,), before_consent=True),
    ("GET", "/mini/v1/me"): Line(),
    # WeChat does not know this code of a telephone.
    ("POST", "/mini/v1/household-binding"): Line(
        ok=(422,), body={"scene": "none", "phone_code": "none"}
    ),
    ("DELETE", "/mini/v1/household-binding"): Line(ok=(204,), before_consent=True),
    ("POST", "/mini/v1/helper-binding"): Line(ok=(422,), body={"code": "none"}),
    ("DELETE", "/mini/v1/helper-binding"): Line(ok=(204,), before_consent=True),
}
