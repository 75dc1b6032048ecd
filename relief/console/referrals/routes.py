"""Referrals: who was found in need, who takes them in, and what became of it."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console import forms, paging
from relief.console.forms import field
from relief.console.labels import LABELS
from relief.core.clock import CHINA, local_date
from relief.core.db import unit_of_work
from relief.core.errors import DomainError, NotFound
from relief.organisation import queries as organisation
from relief.review.referring import filing, queries
from relief.review.referring.filing import Found
from relief.review.referring.finding import Candidate
from relief.review.referring.types import FoundBy
from relief.web.context import cipher, current_actor, now, requires

referrals = Blueprint("referrals", __name__, url_prefix="/cases/referrals")
LONGEST, SHORTEST = 2000, 2
# Field → what it is called, and its longest.
_ASKED = {
    "scheme": ("救助项目", 8),
    "region": ("接收单位所在乡镇（街道）", 12),
    "found_by": ("发现人", 40),
    "finder": ("发现人的单位和姓名", 120),
    "found_at": ("发现时间", 40),
    "place": ("发现地点", 300),
    "handed_to": ("现由谁看护", 120),
    "condition": ("本人的情况", LONGEST),
}
_IF_KNOWN = {"contact": 80, "name": 80, "minor": 3}
_NUMBER = 40
# Which field a refusal belongs to; of the others, none.
_OF_FIELD = {"bad-citizen-id": "citizen_id", "referral-found-later": "found_at"}


@referrals.get("")
@requires(Permission.SEE_CASES, scope="region")
def index() -> str:
    """Show one page of the referrals of one's office, and of those one made."""
    live, mine = (request.args.get(name) == "1" for name in ("live", "mine"))
    actor, moment = current_actor(), now()
    with unit_of_work() as session:
        page = queries.list_referrals(
            session,
            actor=actor,
            live=live,
            mine=mine,
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
            now=moment,
        )
        regions = organisation.region_names(session, codes={row.region_code for row in page.items})
    return render_template(
        "console/referrals/list.html",
        referrals=page.items,
        regions=regions,
        live=live,
        mine=mine,
        today=local_date(moment),
        **paging.links(page.next_cursor, live="1" if live else None, mine="1" if mine else None),
    )


@referrals.get("/new")
@requires(Permission.OPEN_CASES, scope="region")
def new() -> str:
    """Ask for what is known of somebody who was found."""
    return _form({"found_at": f"{now().astimezone(CHINA):%Y-%m-%dT%H:%M}"}, {})


@referrals.post("")
@requires(Permission.OPEN_CASES, scope="region")
def create() -> Response | tuple[str, int]:
    """Refer somebody; the same form sent twice refers them once."""
    kept = {name: field(name)[:longest] for name, (_, longest) in _ASKED.items()}
    kept |= {name: field(name)[:longest] for name, longest in _IF_KNOWN.items()}
    faults = {
        name: f"请填写{title}。"
        for name, (title, _) in _ASKED.items()
        if len(kept[name]) < SHORTEST
    }
    at = _moment(kept["found_at"])
    if at is None:
        faults["found_at"] = "请填写发现时间。"
    if kept["found_by"] not in {one.value for one in FoundBy}:
        faults["found_by"] = "请选择发现人。"
    if faults or at is None:
        return _form(kept, faults), 422
    actor, found = current_actor(), _found(kept, at)
    try:
        with unit_of_work() as session:
            referral_id = forms.once(
                session,
                lambda: filing.refer(
                    session,
                    cipher(),
                    actor=actor,
                    scheme_code=kept["scheme"],
                    region=kept["region"],
                    found=found,
                    now=now(),
                ),
            )
    except DomainError as fault:
        if isinstance(fault, NotFound):
            raise
        return _form(kept, {_OF_FIELD.get(fault.code, "scheme"): f"{fault}。"}), forms.status_of(
            fault
        )
    flash("已登记转介，接收单位会收到通知。", "good")
    return redirect(url_for(".show", referral_id=referral_id), code=303)


@referrals.get("/<uuid:referral_id>")
@requires(Permission.SEE_CASES, scope="region")
def show(referral_id: uuid.UUID) -> str:
    """Show a referral, and what its office may do; the look is recorded."""
    with unit_of_work() as session:
        queries.look(session, viewer=current_actor(), referral_id=referral_id, now=now())
    return page(referral_id)


def page(
    referral_id: uuid.UUID,
    fault: str | None = None,
    candidates: Sequence[Candidate] | None = None,
) -> str:
    """Return the page of a referral. `candidates`: whom a look found; None: nobody looked."""
    actor, moment = current_actor(), now()
    with unit_of_work() as session:
        detail = queries.detail(
            session, cipher(), viewer=actor, referral_id=referral_id, now=moment
        )
        regions = organisation.region_names(
            session, codes={one.region_code for one in candidates or ()}
        )
        townships = organisation.townships(session) if detail.may_answer else ()
    return render_template(
        "console/referrals/show.html",
        detail=detail,
        referral=detail.row,
        candidates=candidates,
        regions=regions,
        townships=[(str(one.code), one.full_name) for one in townships],
        ends=list(LABELS["aid_end"].items()),
        today=local_date(moment),
        longest=LONGEST,
        fault=fault,
        once_key=forms.new_key(),
    )


def _found(kept: dict[str, str], at: datetime) -> Found:
    return Found(
        found_by=FoundBy(kept["found_by"]),
        finder=kept["finder"],
        found_at=at,
        place=kept["place"],
        handed_to=kept["handed_to"],
        condition=kept["condition"],
        minor=bool(kept["minor"]),
        contact=kept["contact"] or None,
        name=kept["name"] or None,
        citizen_id=field("citizen_id")[:_NUMBER] or None,
    )


def _moment(text: str) -> datetime | None:
    """Return the moment that a form says, in China; None if it says none."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=CHINA)
    except ValueError:
        return None


def _form(kept: dict[str, str], faults: dict[str, str]) -> str:
    with unit_of_work() as session:
        offered, townships = queries.offered(session), organisation.townships(session)
    return render_template(
        "console/referrals/new.html",
        schemes=[(one.code, one.name) for one in offered],
        townships=[(str(one.code), one.full_name) for one in townships],
        finders=list(LABELS["found_by"].items()),
        kept=kept,
        longest=LONGEST,
        faults=faults,
        once_key=forms.given_key(),
    )
