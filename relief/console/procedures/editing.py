"""The forms in which a draft is edited: the whole, one stage, the joint departments.

Who saves what somebody else has changed meanwhile loses nothing: the form comes back as it was
filled in, beside what the draft says now.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console import forms
from relief.console.procedures import form
from relief.console.procedures.acting import save
from relief.console.procedures.drafts import ONE
from relief.console.procedures.form import Filled
from relief.console.procedures.words import Words, words
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.core.errors import DomainError
from relief.organisation import queries as organisation
from relief.schemes.drafting import editing, queries
from relief.schemes.drafting.content import Content, Head, Stage
from relief.schemes.drafting.difference import Change, changes
from relief.schemes.drafting.errors import BadContent, DraftEditedMeanwhile
from relief.web.context import current_actor, now, requires

if TYPE_CHECKING:
    from relief.schemes.drafting.queries import DraftDetail

edits = Blueprint("edits", __name__)
Answer = Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Opened:
    """A draft with the names that its form needs."""

    found: "DraftDetail"
    names: Words


@edits.get(f"{ONE}/head")
@requires(Permission.EDIT_PROCEDURES, scope="none")
def head(draft_id: uuid.UUID) -> str:
    """Show the form of the whole."""
    opened = _open(draft_id)
    return _head(opened, form.head_filled(opened.found.content.head))


@edits.post(f"{ONE}/head")
@requires(Permission.EDIT_PROCEDURES, scope="none")
def save_head(draft_id: uuid.UUID) -> Answer:
    """Save what is said of the whole."""
    filled = form.head_sent(request.form)

    def otherwise(fault: DomainError) -> str:
        opened = _open(draft_id)
        now_said = opened.found.content.head
        return _head(
            opened, filled, fault, _meanwhile(fault, now_said, lambda: form.to_head(filled))
        )

    return save(
        draft_id,
        lambda content: editing.with_head(content, form.to_head(filled)),
        done="总体内容已保存在草稿中。",
        otherwise=otherwise,
    )


@edits.get(f"{ONE}/stages/new")
@requires(Permission.EDIT_PROCEDURES, scope="none")
def new_stage(draft_id: uuid.UUID) -> str:
    """Show the form of a new stage."""
    return _stage(_open(draft_id), None, form.EMPTY_STAGE)


@edits.post(f"{ONE}/stages/new")
@requires(Permission.EDIT_PROCEDURES, scope="none")
def add_stage(draft_id: uuid.UUID) -> Answer:
    """Save a new stage, after all others."""
    return _save_stage(draft_id, None)


@edits.get(f"{ONE}/stages/<stage>")
@requires(Permission.EDIT_PROCEDURES, scope="none")
def stage(draft_id: uuid.UUID, stage: str) -> str:
    """Show the form of a stage."""
    opened = _open(draft_id)
    found = opened.found.content.stage(stage)
    if found is None:
        raise NotFound
    return _stage(opened, stage, form.stage_filled(found))


@edits.post(f"{ONE}/stages/<stage>")
@requires(Permission.EDIT_PROCEDURES, scope="none")
def save_stage(draft_id: uuid.UUID, stage: str) -> Answer:
    """Save a stage in its place."""
    return _save_stage(draft_id, stage)


@edits.get(f"{ONE}/joint")
@requires(Permission.EDIT_PROCEDURES, scope="none")
def joint(draft_id: uuid.UUID) -> str:
    """Show the form of the departments that take part."""
    opened = _open(draft_id)
    return _joint(opened, opened.found.content.joint)


@edits.post(f"{ONE}/joint")
@requires(Permission.EDIT_PROCEDURES, scope="none")
def save_joint(draft_id: uuid.UUID) -> Answer:
    """Save which departments take part in each scheme."""
    with unit_of_work() as session:
        departments = sorted(organisation.department_names(session))

    def ticked(content: Content) -> Any:
        return form.joint_sent(request.form, content, departments)

    def otherwise(fault: DomainError) -> str:
        opened = _open(draft_id)
        return _joint(opened, ticked(opened.found.content), fault)

    return save(
        draft_id,
        lambda content: editing.with_joint(content, ticked(content)),
        done="联审部门已保存在草稿中。",
        otherwise=otherwise,
    )


def _save_stage(draft_id: uuid.UUID, code: str | None) -> Answer:
    filled = form.stage_sent(request.form)

    def otherwise(fault: DomainError) -> str:
        opened = _open(draft_id)
        stands = opened.found.content.stage(code or filled["code"])
        others = _meanwhile(fault, stands, lambda: form.to_stage(filled))
        return _stage(opened, code, filled, fault, others)

    return save(
        draft_id,
        lambda content: editing.with_stage(content, form.to_stage(filled), code=code),
        done="环节已保存在草稿中。",
        otherwise=otherwise,
    )


def _meanwhile(
    fault: DomainError, stands: Head | Stage | None, theirs: Callable[[], Head | Stage]
) -> Sequence[Change]:
    """Return where what stands now differs from what somebody filled in, if both changed it."""
    if not isinstance(fault, DraftEditedMeanwhile):
        return ()
    try:
        return changes(stands, theirs())
    except BadContent:
        return ()


def _open(draft_id: uuid.UUID) -> Opened:
    with unit_of_work() as session:
        found = queries.draft_detail(
            session, draft_id=draft_id, on=local_date(now()), reader_id=current_actor().id
        )
        return Opened(found, words(session))


def _head(
    opened: Opened,
    filled: Filled,
    fault: DomainError | None = None,
    others: Sequence[Change] = (),
) -> str:
    return _form("head", opened, filled=filled, fault=fault, others=others)


def _stage(
    opened: Opened,
    code: str | None,
    filled: Filled,
    fault: DomainError | None = None,
    others: Sequence[Change] = (),
) -> str:
    return _form("stage", opened, filled=filled, fault=fault, others=others, code=code)


def _joint(opened: Opened, chosen: Any, fault: DomainError | None = None) -> str:
    return _form("joint", opened, chosen=chosen, fault=fault)


def _form(name: str, opened: Opened, **more: Any) -> str:
    return render_template(
        f"console/procedures/{name}.html",
        found=opened.found,
        names=opened.names,
        once_key=forms.new_key(),
        **more,
    )
