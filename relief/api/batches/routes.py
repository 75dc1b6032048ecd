"""Department files over HTTP."""

import uuid
from typing import Any

from flask_smorest import Blueprint

from relief.api.batches.schemas import (
    BatchArgs,
    BatchOut,
    BatchPageOut,
    LinkReviewArgs,
    LinkReviewPageOut,
    RejectedRowPageOut,
    TaskOut,
)
from relief.core.db import unit_of_work
from relief.registry import queries
from relief.tasks import queries as tasks
from relief.web.context import Permission, current_actor, requires
from relief.web.pagination import PageArgs

blp = Blueprint("batches", __name__, url_prefix="/v1", description="导入批次")


@blp.get("/batches")
@requires(Permission.SEE_BATCHES, scope="department")
@blp.arguments(BatchArgs, location="query")
@blp.response(200, BatchPageOut)
def list_batches(args: dict[str, Any]) -> Any:
    """List batches, newest first: all, or those of one's own department."""
    limit, cursor = args.pop("limit"), args.pop("cursor")
    with unit_of_work() as session:
        return queries.list_batches(
            session,
            scope=current_actor().scope,
            filters=queries.BatchFilter(**args),
            limit=limit,
            cursor=cursor,
        )


@blp.get("/batches/<uuid:batch_id>")
@requires(Permission.SEE_BATCHES, scope="department")
@blp.response(200, BatchOut)
def get_batch(batch_id: uuid.UUID) -> queries.BatchRow:
    """Return one batch."""
    with unit_of_work() as session:
        return queries.batch_detail(session, scope=current_actor().scope, batch_id=batch_id)


@blp.get("/batches/<uuid:batch_id>/rejected-rows")
@requires(Permission.SEE_BATCHES, scope="department")
@blp.arguments(PageArgs, location="query")
@blp.response(200, RejectedRowPageOut)
def list_rejected_rows(args: dict[str, Any], batch_id: uuid.UUID) -> Any:
    """List the rows of a batch that were not loaded, with reasons and without values."""
    with unit_of_work() as session:
        return queries.rejected_rows(
            session, scope=current_actor().scope, batch_id=batch_id, **args
        )


@blp.get("/link-reviews")
@requires(Permission.SEE_LINK_REVIEWS, scope="region")
@blp.arguments(LinkReviewArgs, location="query")
@blp.response(200, LinkReviewPageOut)
def list_link_reviews(args: dict[str, Any]) -> Any:
    """List the open questions that merging left to a steward."""
    with unit_of_work() as session:
        return queries.list_link_reviews(session, scope=current_actor().scope, **args)


@blp.get("/tasks/<uuid:task_id>")
@requires(Permission.SIGNED_IN, scope="own")
@blp.response(200, TaskOut)
def get_task(task_id: uuid.UUID) -> Any:
    """Return the progress of a task that the caller started."""
    with unit_of_work() as session:
        return tasks.get(session, task_id=task_id, account_id=current_actor().id)
