"""The page of a draft: what it says, what otherwise, its faults, and what two persons do."""

import uuid
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console import forms
from relief.console.forms import field
from relief.console.procedures.acting import act, save
from relief.console.procedures.words import words
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.core.errors import Conflict, DomainError
from relief.schemes.drafting import editing, queries, service
from relief.schemes.drafting.errors import BadContent
from relief.web.context import current_actor, now, requires

drafts = Blueprint("drafts", __name__)
ONE = "/procedure-drafts/<uuid:draft_id>"
LONGEST, SHORTEST = 400, 2


@drafts.post("/procedures/<procedure>/drafts")
@requires(Permission.EDIT_PROCEDURES, scope="none")
def begin(procedure: str) -> Response:
    """Copy the version that holds on a day into a draft, or lead to the one that there is."""
    on = _day("on") or local_date(now())
    try:
        with unit_of_work() as session:
            draft_id = forms.once(
                session,
                lambda: service.begin(
                    session, code=procedure, on=on, actor_id=current_actor().id, now=now()
                ),
            )
    except Conflict as fault:
        flash(f"{fault}。", "bad")
        return redirect(url_for("console.procedures.show", procedure=procedure), code=303)
    flash("已按现行版本起草。修改只在草稿中，签署发布之前不影响任何申请事项。", "good")
    return redirect(url_for(".show", draft_id=draft_id), code=303)


@drafts.get(ONE)
@requires(Permission.SEE_PROCEDURES, scope="none")
def show(draft_id: uuid.UUID) -> str:
    """Show a draft."""
    return page(draft_id)


@drafts.post(f"{ONE}/stages/<stage>/move")
@requires(Permission.EDIT_PROCEDURES, scope="none")
def move(draft_id: uuid.UUID, stage: str) -> Response | tuple[str, int]:
    """Put a stage one place earlier or later."""
    earlier = field("way") == "earlier"
    return save(
        draft_id,
        lambda content: editing.moved(content, stage, earlier=earlier),
        done="环节顺序已调整。",
        otherwise=lambda fault: page(draft_id, fault),
    )


@drafts.post(f"{ONE}/stages/<stage>/remove")
@requires(Permission.EDIT_PROCEDURES, scope="none")
def remove(draft_id: uuid.UUID, stage: str) -> Response | tuple[str, int]:
    """Take a stage out of the draft."""
    return save(
        draft_id,
        lambda content: editing.without_stage(content, stage),
        done="环节已从草稿中删除。",
        otherwise=lambda fault: page(draft_id, fault),
    )


@drafts.post(f"{ONE}/proposal")
@requires(Permission.EDIT_PROCEDURES, scope="none", step_up=True)
def propose(draft_id: uuid.UUID) -> Response | tuple[str, int]:
    """Lay the draft before a second person."""
    day = _day("valid_from")
    if day is None:
        return page(draft_id, BadContent("请填写施行日期")), 422
    return act(
        draft_id,
        service.propose,
        valid_from=day,
        done="已提交签署。须由没有起草、修改、提交过的另一人查看后签署。",
        otherwise=lambda fault: page(draft_id, fault),
    )


@drafts.post(f"{ONE}/return")
@requires(Permission.SIGN_PROCEDURES, scope="none")
def send_back(draft_id: uuid.UUID) -> Response | tuple[str, int]:
    """Send it back to be edited."""
    reason = field("reason")[:LONGEST]
    if len(reason) < SHORTEST:
        return page(draft_id, BadContent(f"请写明退回的理由，至少 {SHORTEST} 个字")), 422
    return act(
        draft_id,
        service.send_back,
        reason=reason,
        done="已退回，可以继续修改。",
        otherwise=lambda fault: page(draft_id, fault),
    )


@drafts.post(f"{ONE}/publication")
@requires(Permission.SIGN_PROCEDURES, scope="none", step_up=True)
def publish(draft_id: uuid.UUID) -> Response | tuple[str, int]:
    """Sign what the page showed."""
    return act(
        draft_id,
        service.publish,
        digest=field("digest"),
        done="已签署发布。施行之日起的新申请适用新版本，已开始的申请事项不变。",
        otherwise=lambda fault: page(draft_id, fault),
    )


@drafts.post(f"{ONE}/discard")
@requires(Permission.EDIT_PROCEDURES, scope="none")
def discard(draft_id: uuid.UUID) -> Response | tuple[str, int]:
    """Throw the draft away."""
    return act(
        draft_id,
        service.discard,
        done="草稿已作废。",
        otherwise=lambda fault: page(draft_id, fault),
    )


def page(draft_id: uuid.UUID, fault: DomainError | None = None) -> str:
    """Return the page of a draft, with what was wrong with the last act."""
    actor, today = current_actor(), local_date(now())
    with unit_of_work() as session:
        found = queries.draft_detail(session, draft_id=draft_id, on=today, reader_id=actor.id)
        names = words(session)
    return render_template(
        "console/procedures/draft.html",
        found=found,
        content=found.content,
        names=names,
        fault=fault,
        filled=request.form,
        today=today,
        longest=LONGEST,
        may_edit=actor.may(Permission.EDIT_PROCEDURES) and found.row.status == "open",
        may_discard=actor.may(Permission.EDIT_PROCEDURES),
        may_sign=actor.may(Permission.SIGN_PROCEDURES),
        fresh=actor.fresh(now(), to_fill_in=True),
        once_key=forms.new_key(),
    )


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(field(name))
    except ValueError:
        return None
