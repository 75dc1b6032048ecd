"""The audit trail: search, one record's history, who looked at a person, and the sealing."""

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, request, url_for

from relief.accounts import queries as account_queries
from relief.accounts.permissions import Permission
from relief.audit import queries, state
from relief.bindings.actors import of_mini_program
from relief.console import paging
from relief.console.audit import words
from relief.console.audit.search import Search
from relief.console.households import changes
from relief.console.labels import LABELS
from relief.core.db import unit_of_work
from relief.organisation import queries as organisation
from relief.registry import purposes, trail
from relief.web.context import current_actor, now, requires

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from relief.audit.models import AuditEvent

audit = Blueprint("audit", __name__, url_prefix="/audit")


@audit.get("")
@requires(Permission.READ_AUDIT, scope="region")
def index() -> str:
    """Show one page of events, as the address narrows them."""
    actor, asked = current_actor(), Search.from_args(request.args)
    with unit_of_work() as session:
        actor_id = asked.actor_id(session)
        page = None
        if not asked.faults and not (asked.actor and actor_id is None):
            page = queries.list_events(
                session,
                filters=asked.filters(actor_id),
                ranges=actor.trail_ranges,
                limit=paging.PAGE_SIZE,
                cursor=paging.cursor(),
            )
        events = page.items if page else []
        lines = _lines(session, events)
    return render_template(
        "console/audit/list.html",
        events=lines,
        asked=asked,
        actions=list(LABELS["action"].items()),
        subjects=list(LABELS["subject_type"].items()),
        limited=actor.trail_ranges is not None,
        **paging.links(page.next_cursor if page else None, **asked.kept),
    )


@audit.get("/households/<uuid:household_id>")
@requires(Permission.READ_AUDIT, scope="region")
def household(household_id: uuid.UUID) -> str:
    """Show what was done to a household."""
    return _record("household", household_id)


@audit.get("/persons/<uuid:person_id>")
@requires(Permission.READ_AUDIT, scope="region")
def person(person_id: uuid.UUID) -> str:
    """Show what was done to a person."""
    return _record("person", person_id)


@audit.get("/persons/<uuid:person_id>/lookers")
@requires(Permission.READ_AUDIT, scope="region")
def lookers(person_id: uuid.UUID) -> str:
    """Show who looked at a person."""
    with unit_of_work() as session:
        page = trail.lookers(
            session,
            reader=current_actor(),
            person_id=person_id,
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
            now=now(),
        )
        lines = _lines(session, page.items)
    return render_template(
        "console/audit/record.html",
        title="谁看过此人",
        note="包括打开此人页面、打开此人所在家庭的页面，以及查看完整信息。",
        events=lines,
        changes=None,
        other=("此人的全部记录", url_for(".person", person_id=person_id)),
        **paging.links(page.next_cursor),
    )


@audit.get("/accounts/<uuid:account_id>")
@requires(Permission.READ_AUDIT, scope="region")
def account(account_id: uuid.UUID) -> str:
    """Show what was done to an account; what it did is found by its name."""
    actor = current_actor()
    with unit_of_work() as session:
        found = account_queries.account_detail(session, account_id=account_id)
        page = queries.list_events(
            session,
            filters=queries.EventFilter(subject_type="account", subject_id=account_id),
            ranges=actor.trail_ranges,
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
        )
        lines = _lines(session, page.items)
    return render_template(
        "console/audit/record.html",
        title=f"账号“{found.username}”的记录",
        note="对这个账号所做的操作。",
        events=lines,
        changes=None,
        other=("这个账号所做的操作", url_for(".index", actor=found.username)),
        **paging.links(page.next_cursor),
    )


@audit.get("/state")
@requires(Permission.READ_AUDIT, scope="none")
def seals() -> str:
    """Show how far the trail is sealed, anchored and checked."""
    with unit_of_work() as session:
        facts = state.seal_state(session, now=now())
    return render_template(
        "console/audit/state.html", state=facts, finding=words.finding(facts.finding)
    )


def _record(kind: trail.Kind, record_id: uuid.UUID) -> str:
    with unit_of_work() as session:
        told = trail.record_history(
            session,
            reader=current_actor(),
            kind=kind,
            record_id=record_id,
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
            now=now(),
        )
        lines = _lines(session, told.events.items)
        spoken = changes.Words(
            members=told.names,
            regions=organisation.region_names(session, codes=changes.regions_named(told.changes)),
            codes=organisation.code_tables(
                session, tables=["sex", "relation", "ethnicity", "marital"]
            ),
            actors=account_queries.display_names(
                session, {row.actor_id for row in told.changes if row.actor_id}
            ),
        )
    other = None
    if kind == "person":
        other = ("谁看过此人", url_for(".lookers", person_id=record_id))
    return render_template(
        "console/audit/record.html",
        title=f"{LABELS['subject_type'][kind]}的记录",
        note="按时间倒序；查阅本页也会记入审计日志。",
        events=lines,
        changes=changes.told(told.changes, spoken)
        if current_actor().may(Permission.SEE_HOUSEHOLDS)
        else None,
        other=other,
        **paging.links(told.events.next_cursor),
    )


def _lines(session: "Session", events: "Iterable[AuditEvent]") -> list[dict[str, Any]]:
    """Return events in words, with the pages that tell more."""
    events = list(events)
    staff = {event.actor_id for event in events if event.actor_id}
    staff |= {event.subject_id for event in events if event.subject_type == "account"}
    staff |= {other for event in events if (other := words.acting_for(event))}
    names = dict(account_queries.display_names(session, staff))
    names |= dict.fromkeys(of_mini_program(session, staff - names.keys()), words.MINI_USER)
    regions = organisation.region_names(
        session, codes={event.region_code for event in events if event.region_code}
    )
    reasons = purposes.choices(session)
    return [
        {
            "event": event,
            "who": words.actor(event, names),
            "whom": names.get(event.subject_id, ""),
            "where": regions.get(event.region_code or 0, ""),
            "notes": words.notes(event, reasons),
            "more": words.page_of(event),
        }
        for event in events
    ]
