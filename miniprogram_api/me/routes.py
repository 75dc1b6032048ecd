"""Who is signed in."""

from miniprogram_api.context import Caller, current_caller, requires
from miniprogram_api.me.schemas import MiniMeOut
from relief.web.blueprint import Blueprint

blp = Blueprint("me", __name__, url_prefix="/mini/v1", description="我")


@blp.get("/me")
@requires(None, scope="own")
@blp.response(200, MiniMeOut)
def me() -> Caller:
    """Return what the caller's account may be."""
    return current_caller()
