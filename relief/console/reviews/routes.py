"""The steward's queue: records that the merge could not tell apart or together.

Made for the keyboard (`static/review.js`), and whole without it: every key stands for a link or
a field of a form that is on the page.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console import forms, paging, regions
from relief.console.forms import field
from relief.console.labels import label
from relief.console.reviews import evidence as words
from relief.console.reviews import reasons, sides
from relief.core.db import unit_of_work
from relief.core.errors import Conflict, Forbidden
from relief.core.scope import RegionRange, subtree
from relief.organisation import queries as organisation
from relief.registry import queries
from relief.registry.decisions import homes, looks, past, service
from relief.registry.decisions import queries as decisions
from relief.registry.decisions.errors import NobodyChosen, NoSuchHome, ReasonMissing
from relief.registry.types import ReviewKind, Verdict
from relief.schemes import queries as scheme_queries
from relief.web.context import Actor, cipher, current_actor, now, requires

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

reviews = Blueprint("reviews", __name__, url_prefix="/link-reviews")


@reviews.get("")
@requires(Permission.SEE_LINK_REVIEWS, scope="household")
def index() -> str:
    """Show one page of open questions, or of those that were closed."""
    closed = request.args.get("closed") == "1"
    kind, region = _narrowed()
    actor = current_actor()
    with unit_of_work() as session:
        page = queries.list_link_reviews(
            session,
            scope=actor.scope,
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
            closed=closed,
            kind=kind,
            region=region,
        )
        names = organisation.region_names(session, codes={row.region_code for row in page.items})
        schemes = scheme_queries.scheme_names(session)
        counties = _counties(session, actor)
    return render_template(
        "console/reviews/list.html",
        reviews=page.items,
        evidence={row.id: words.summary(row.evidence, schemes) for row in page.items},
        regions=names,
        closed=closed,
        kinds=[(kind.value, label(kind.value, "review_kind")) for kind in ReviewKind],
        counties=counties,
        chosen=_kept(),
        **paging.links(page.next_cursor, **_kept(), closed="1" if closed else None),
    )


@reviews.get("/<uuid:review_id>")
@requires(Permission.SEE_LINK_REVIEWS, scope="region")
def show(review_id: uuid.UUID) -> str:
    """Show both people side by side, with what speaks for and against; the looks are recorded."""
    return _page(review_id)


@reviews.post("/<uuid:review_id>/decision")
@requires(Permission.DECIDE_LINKS, scope="region")
def decide(review_id: uuid.UUID) -> Response | tuple[str, int]:
    """Take the answer and go on to the next question."""
    try:
        verdict = Verdict(field("verdict"))
    except ValueError:
        return _page(review_id, {"verdict": "请选择是同一人还是不同人。"}), 422
    actor = current_actor()
    try:
        with unit_of_work() as session:
            forms.once(session, lambda: _decide(session, review_id, verdict, actor))
    except ReasonMissing as fault:
        return _page(review_id, {"remark": f"{fault}。"}), 422
    except NobodyChosen as fault:
        return _page(review_id, {"candidate": f"{fault}。"}), 422
    except (Conflict, Forbidden) as fault:
        # The second of two stewards reads who was first, and can go on.
        return _page(review_id, conflict=fault), 409 if isinstance(fault, Conflict) else 403
    flash("已核定为同一人。" if verdict is Verdict.SAME else "已核定为不同人。", "good")
    return redirect(_next(review_id), code=303)


@reviews.post("/<uuid:review_id>/home")
@requires(Permission.DECIDE_LINKS, scope="region")
def settle_home(review_id: uuid.UUID) -> Response | tuple[str, int]:
    """Take the answer where someone lives, and go on to the next question."""
    actor = current_actor()

    def work(session: "Session") -> uuid.UUID:
        return homes.settle_home(
            session,
            cipher=cipher(),
            scope=actor.scope,
            review_id=review_id,
            claim=field("claim"),
            seen=field("seen"),
            reason=reasons.stated(field("reason"), field("remark")),
            actor_id=actor.id,
            now=now(),
        ).id

    try:
        with unit_of_work() as session:
            forms.once(session, lambda: work(session))
    except ReasonMissing as fault:
        return _page(review_id, {"remark": f"{fault}。"}), 422
    except NoSuchHome as fault:
        return _page(review_id, {"claim": f"{fault}。"}), 422
    except (Conflict, Forbidden) as fault:
        return _page(review_id, conflict=fault), 409 if isinstance(fault, Conflict) else 403
    flash("已核定居住户。", "good")
    return redirect(_next(review_id), code=303)


def _decide(session: "Session", review_id: uuid.UUID, verdict: Verdict, actor: Actor) -> uuid.UUID:
    return service.decide_review(
        session,
        cipher=cipher(),
        scope=actor.scope,
        review_id=review_id,
        verdict=verdict,
        seen=field("seen"),
        candidate_id=_id(field("candidate")),
        reason=reasons.stated(field("reason"), field("remark")),
        actor_id=actor.id,
        now=now(),
    ).id


def _page(
    review_id: uuid.UUID,
    faults: Mapping[str, str] | None = None,
    conflict: Conflict | Forbidden | None = None,
) -> str:
    actor = current_actor()
    with unit_of_work() as session:
        review = looks.view_review(session, cipher(), viewer=actor, review_id=review_id, now=now())
        schemes = scheme_queries.scheme_names(session)
        codes = organisation.code_tables(session, tables=sides.TABLES)
        following = _following(session, review_id)
        last = past.last(session, scope=actor.scope, account_id=actor.id)
    asks_home = review.kind is ReviewKind.HOUSEHOLD
    return render_template(
        "console/reviews/home.html" if asks_home else "console/reviews/show.html",
        review=review,
        evidence=words.told(review.evidence, schemes),
        rows=sides.rows(review, codes, now()),
        reasons=reasons.CHOICES,
        reason=field("reason"),
        remark=field("remark")[: reasons.LONGEST],
        verdict=field("verdict"),
        claim=field("claim"),
        codes=codes,
        faults=faults,
        conflict=conflict,
        following=following,
        last=last if actor.may(Permission.DECIDE_LINKS) else None,
        chosen=_kept(),
        once_key=forms.new_key() if conflict else forms.given_key(),
    )


def _following(session: "Session", review_id: uuid.UUID) -> uuid.UUID | None:
    kind, region = _narrowed()
    return decisions.next_review(
        session, scope=current_actor().scope, after=review_id, kind=kind, region=region
    )


def _next(review_id: uuid.UUID) -> str:
    with unit_of_work() as session:
        following = _following(session, review_id)
    if following is None:
        return url_for(".index", **_kept())
    return url_for(".show", review_id=following, **_kept())


def _narrowed() -> tuple[ReviewKind | None, RegionRange | None]:
    """Return what the queue is narrowed to; the address of each page of it says so."""
    kind, region = request.args.get("kind", ""), request.args.get("region", "")
    try:
        chosen = ReviewKind(kind) if kind else None
    except ValueError:
        raise BadRequest from None
    code = regions.code(region)
    return chosen, subtree(code) if code else None


def _kept() -> dict[str, Any]:
    return {name: request.args[name] for name in ("kind", "region") if request.args.get(name)}


def _counties(session: "Session", actor: Actor) -> Sequence[tuple[str, str]]:
    county, *_ = regions.levels(session, actor.scope, [])
    return [(code, name) for code, name in county.options if regions.code(code)]


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
