"""Who may do what about the mini program: codes, bindings and the helper's own phone."""

from tests.api.access_who import BIND_HOUSEHOLDS, HELPERS, Line

HOME = "/v1/households/<uuid:household_id>"

MINI_API: dict[tuple[str, str], Line] = {
    ("GET", f"{HOME}/mini-bindings"): Line(BIND_HOUSEHOLDS, about="household"),
    # There is no mini program in these settings, which who may issue codes is told.
    ("POST", f"{HOME}/mini-codes"): Line(BIND_HOUSEHOLDS, about="household", ok=(409,)),
    ("DELETE", f"{HOME}/mini-codes/<uuid:code_id>"): Line(
        BIND_HOUSEHOLDS, about="household", ok=(404,)
    ),
    ("POST", f"{HOME}/mini-bindings/<uuid:binding_id>/end"): Line(
        BIND_HOUSEHOLDS, about="household", ok=(404,), body=lambda _: {"ending": "lost_phone"}
    ),
    ("POST", "/v1/me/helper-code"): Line(HELPERS, ok=(201,)),
    # A phone that is not bound is let go again: nothing changes.
    ("DELETE", "/v1/me/helper-binding"): Line(HELPERS, ok=(204,), audited=False),
}
