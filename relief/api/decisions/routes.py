"""What stewards decide about who is who, over HTTP."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Response

from relief.api.decisions.schemas import (
    ActDoneOut,
    ActPageOut,
    DescriptionsOut,
    HomeIn,
    LinkReviewArgs,
    LinkReviewDetailOut,
    LinkReviewPageOut,
    LinkVerdictIn,
    MergeIn,
    SplitIn,
    WithdrawalIn,
)
from relief.core.db import unit_of_work
from relief.core.scope import subtree
from relief.registry import queries
from relief.registry.decisions import homes, looks, past, service
from relief.registry.decisions import queries as decisions
from relief.registry.decisions.acts import Act
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, cipher, current_actor, now, requires
from relief.web.idempotency import answer
from relief.web.pagination import PageArgs

blp = Blueprint("decisions", __name__, url_prefix="/v1", description="人工核定")

_CONFLICT = "已由他人核定，与已有核定矛盾，有关记录刚刚有变化，或者有待遇、付款以此为依据"


@blp.get("/link-reviews")
@requires(Permission.SEE_LINK_REVIEWS, scope="region")
@blp.arguments(LinkReviewArgs, location="query")
@blp.response(200, LinkReviewPageOut)
def list_link_reviews(args: dict[str, Any]) -> Any:
    """List the open questions that merging left to a steward, or the closed ones."""
    region = args.pop("region")
    with unit_of_work() as session:
        return queries.list_link_reviews(
            session,
            scope=current_actor().scope,
            region=subtree(region) if region else None,
            **args,
        )


@blp.get("/link-reviews/<uuid:review_id>")
@requires(Permission.SEE_LINK_REVIEWS, scope="region")
@blp.response(200, LinkReviewDetailOut)
def get_link_review(review_id: uuid.UUID) -> decisions.ReviewDetail:
    """Return one question with both people; the looks are recorded."""
    with unit_of_work() as session:
        return looks.view_review(
            session, cipher(), viewer=current_actor(), review_id=review_id, now=now()
        )


@blp.post("/link-reviews/<uuid:review_id>/decision")
@requires(Permission.DECIDE_LINKS, scope="region")
@blp.arguments(LinkVerdictIn)
@blp.response(200, ActDoneOut)
@blp.alt_response(403, description="另一人不在工作区划内")
@blp.alt_response(409, description=_CONFLICT)
def decide(payload: dict[str, Any], review_id: uuid.UUID) -> Response:
    """Answer a question: the same person, or not. It holds until it is withdrawn."""
    return _done(service.decide_review, review_id=review_id, **payload)


@blp.post("/link-reviews/<uuid:review_id>/home")
@requires(Permission.DECIDE_LINKS, scope="region")
@blp.arguments(HomeIn)
@blp.response(200, ActDoneOut)
@blp.alt_response(403, description="此人不在工作区划内")
@blp.alt_response(409, description=_CONFLICT)
def settle_home(payload: dict[str, Any], review_id: uuid.UUID) -> Response:
    """Say in which household someone lives. It holds while the department lists them there."""
    return _done(homes.settle_home, review_id=review_id, **payload)


@blp.get("/link-acts")
@requires(Permission.SEE_LINK_REVIEWS, scope="region")
@blp.arguments(PageArgs, location="query")
@blp.response(200, ActPageOut)
def list_acts(args: dict[str, Any]) -> Any:
    """List what stewards decided, newest first, withdrawn acts too."""
    with unit_of_work() as session:
        return past.listed(session, scope=current_actor().scope, **args)


@blp.post("/link-acts/<uuid:act_id>/withdraw")
@requires(Permission.DECIDE_LINKS, scope="region")
@blp.arguments(WithdrawalIn)
@blp.response(200, ActDoneOut)
@blp.alt_response(409, description="已经撤销，或者有待遇、付款以此为依据")
def withdraw(payload: dict[str, Any], act_id: uuid.UUID) -> Response:
    """Take a whole act back."""
    return _done(service.withdraw, act_id=act_id, **payload)


@blp.get("/persons/<uuid:person_id>/descriptions")
@requires(Permission.DECIDE_LINKS, scope="household")
@blp.response(200, DescriptionsOut)
def get_descriptions(person_id: uuid.UUID) -> decisions.Descriptions:
    """Return every record of a person, to choose from in a split; the look is recorded."""
    with unit_of_work() as session:
        return looks.view_descriptions(
            session, viewer=current_actor(), person_id=person_id, now=now()
        )


@blp.post("/persons/<uuid:person_id>/split")
@requires(Permission.DECIDE_LINKS, scope="household")
@blp.arguments(SplitIn)
@blp.response(200, ActDoneOut)
@blp.alt_response(409, description=_CONFLICT)
def split(payload: dict[str, Any], person_id: uuid.UUID) -> Response:
    """Make some records of a person another person; the rest keeps id and number."""
    return _done(service.split_person, person_id=person_id, **payload)


@blp.post("/persons/<uuid:person_id>/merge")
@requires(Permission.DECIDE_LINKS, scope="household")
@blp.arguments(MergeIn)
@blp.response(200, ActDoneOut)
@blp.alt_response(409, description=_CONFLICT)
def merge(payload: dict[str, Any], person_id: uuid.UUID) -> Response:
    """Make two people one, who keeps the id in the address."""
    return _done(service.merge_persons, person_id=person_id, **payload)


def _done(act: Callable[..., Act], **given: Any) -> Response:
    """Do an act once for each Idempotency-Key, and say what was done."""
    actor, moment = current_actor(), now()
    with unit_of_work() as session:

        def work() -> Act:
            return act(
                session,
                cipher=cipher(),
                scope=actor.scope,
                actor_id=actor.id,
                now=moment,
                **given,
            )

        return answer(session, ActDoneOut, actor_id=actor.id, now=moment, work=work)
