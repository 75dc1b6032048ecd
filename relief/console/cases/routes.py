"""Cases: what waits for me, all of them, and one on one page with everything that is to be done.

What a form sends is kept when it is refused; why stands above it.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console import forms, paging
from relief.console.cases import (
    checking,
    finding_out,
    mandate_form,
    objections,
    payee_form,
    surveys,
)
from relief.console.cases.amounts import fen
from relief.console.forms import field
from relief.console.labels import LABELS
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.core.errors import DomainError, Invalid
from relief.organisation import queries as organisation
from relief.review import decisions, happenings, looks, queries, second_objections, service
from relief.review.checks import acts as check_acts
from relief.review.checks.types import Verdict
from relief.review.errors import WordsMissing
from relief.review.facts import acts as facts
from relief.review.kin import acts as kin
from relief.review.kin import locks
from relief.review.kin.filing import RELATION
from relief.review.types import CaseStatus, Outcome
from relief.schemes import queries as scheme_queries
from relief.schemes import rules
from relief.web.context import current_actor, now, requires

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

cases = Blueprint("cases", __name__, url_prefix="/cases")
turn = Blueprint("turn", __name__, url_prefix="/cases")  # a part of its own in the menu
LONGEST, SHORTEST = 2000, 2
_WORDED = ("missing", "reason", "name", "finding", "told")
_DONE = {
    Outcome.PASSED: "已办结：通过。",
    Outcome.OBJECTED: "已办结：有异议。",
}


@cases.get("")
@requires(Permission.SEE_CASES, scope="region")
def index() -> str:
    """List the cases in scope, newest first."""
    status, scheme = request.args.get("status", ""), request.args.get("scheme", "")
    late, number = request.args.get("late") == "1", request.args.get("number", "")[:60].strip()
    try:
        chosen = CaseStatus(status) if status else None
    except ValueError:
        raise BadRequest from None
    with unit_of_work() as session:
        page = queries.list_cases(
            session,
            scope=current_actor().scope,
            status=chosen,
            scheme=scheme or None,
            late_on=local_date(now()) if late else None,
            number=number or None,
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
        )
        objecting = _objections(session)
        codes = {row.region_code for row in page.items} | {row.region_code for row in objecting}
        names = organisation.region_names(session, codes=codes)
        schemes = scheme_queries.scheme_names(session)
    kept = {
        "number": number or None,
        "status": status or None,
        "scheme": scheme or None,
        "late": "1" if late else None,
    }
    return render_template(
        "console/cases/list.html",
        cases=page.items,
        objections=objecting,
        regions=names,
        status=status,
        scheme=scheme,
        late=late,
        number=number,
        statuses=list(LABELS["case_status"].items()),
        schemes=list(schemes.items()),
        today=local_date(now()),
        **paging.links(page.next_cursor, **kept),
    )


@turn.get("/my-turn")
@requires(Permission.WORK_CASES, scope="region")
def my_turn() -> str:
    """List what waits for me, the most urgent first."""
    with unit_of_work() as session:
        page = queries.my_turn(
            session, actor=current_actor(), limit=paging.PAGE_SIZE, cursor=paging.cursor()
        )
        objecting = _objections(session)
        codes = {row.case.region_code for row in page.items}
        codes |= {row.region_code for row in objecting}
        names = organisation.region_names(session, codes=codes)
    return render_template(
        "console/cases/turn.html",
        turns=page.items,
        objections=objecting,
        regions=names,
        today=local_date(now()),
        **paging.links(page.next_cursor),
    )


@cases.get("/<uuid:case_id>")
@requires(Permission.SEE_CASES, scope="region")
def show(case_id: uuid.UUID) -> str:
    """Show a case with its stages, clocks and timeline; the look is recorded."""
    return _page(case_id)


@cases.post("/<uuid:case_id>/stages/<stage>")
@requires(Permission.WORK_CASES, scope="region")
def end_stage(case_id: uuid.UUID, stage: str) -> Response | tuple[str, int]:
    """End my part of a stage."""
    try:
        outcome = Outcome(field("outcome"))
    except ValueError:
        raise BadRequest from None
    return _act(
        case_id,
        service.end_stage,
        _DONE.get(outcome, ""),
        code=stage,
        outcome=outcome,
        opinion=field("opinion")[:LONGEST] or None,
    )


@cases.post("/<uuid:case_id>/return")
@requires(Permission.WORK_CASES, scope="region")
def return_once(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Give the application back, once."""
    return _act(
        case_id,
        service.return_once,
        "已一次性告知补正。",
        missing=_words("missing"),
        **_insisting(),
    )


@cases.post("/<uuid:case_id>/resubmit")
@requires(Permission.OPEN_CASES, scope="region")
def resubmit(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Enter what was missing."""
    return _act(case_id, service.resubmit, "已重新提交，受理时限自今日起算。")


@cases.post("/<uuid:case_id>/pause")
@requires(Permission.WORK_CASES, scope="region")
def pause(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Ask for papers."""
    return _act(
        case_id,
        service.pause,
        "已要求补充材料，计时暂停。",
        reason=field("waits_for") or "papers",
        missing=_words("papers"),
        **_insisting(),
    )


@cases.post("/<uuid:case_id>/resume")
@requires(Permission.WORK_CASES, scope="region")
def resume(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Take in the papers."""
    return _act(case_id, service.resume, "已收到材料，自明日起继续计时。")


@cases.post("/<uuid:case_id>/decision")
@requires(Permission.DECIDE_CASES, scope="region")
def decide(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Confirm or refuse."""
    granted = {"granted": True, "refused": False}.get(field("granted"))
    if granted is None:
        return _page(case_id, WordsMissing("请选择同意或不予救助")), 422
    amount = fen(field("amount"))
    if granted and amount is None:
        return _page(case_id, WordsMissing("同意救助的，请写明金额，如 564 或 564.50")), 422
    return _act(
        case_id,
        decisions.decide,
        "已作出决定。",
        granted=granted,
        amount_fen=amount if granted else None,
        reason=_words("reason"),
        departs=_words("departs"),
    )


@cases.post("/<uuid:case_id>/facts")
@requires(Permission.WORK_CASES, scope="region")
def find_out(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Enter what was found out."""
    with unit_of_work() as session:
        kinds = rules.fact_kinds(session)
    try:
        found = finding_out.read(request.form, kinds)
    except Invalid as fault:
        return _page(case_id, fault), 422
    return _act(case_id, facts.find_out, "已登记查明的事实，并重新计算。", found=found)


@cases.post("/<uuid:case_id>/withdraw")
@requires(Permission.OPEN_CASES, scope="region")
def withdraw(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """End the case at the applicant's wish."""
    return _act(case_id, service.withdraw, "已撤回申请。", reason=_words("wish"))


@cases.post("/<uuid:case_id>/authorisations")
@requires(Permission.WORK_CASES, scope="region")
def authorise(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Enter authorisations to check that came after the application."""
    try:
        signed = checking.signed()
    except Invalid as fault:
        return _page(case_id, fault), 422
    if not signed:
        return _page(case_id, WordsMissing("请选择签署授权书的家庭成员")), 422
    return _act(case_id, check_acts.authorise, "已登记核对授权。", authorisations=signed)


@cases.post("/<uuid:case_id>/findings/<uuid:finding_id>")
@requires(Permission.WORK_CASES, scope="region")
def answer_finding(case_id: uuid.UUID, finding_id: uuid.UUID) -> Response | tuple[str, int]:
    """Enter what verifying a doubt came to."""
    try:
        verdict = Verdict(field("verdict"))
    except ValueError:
        raise BadRequest from None
    return _act(
        case_id,
        check_acts.answer,
        "已登记核实结果。",
        finding_id=finding_id,
        verdict=verdict,
        reason=_words("known_by"),
    )


@cases.post("/<uuid:case_id>/kin")
@requires(Permission.WORK_CASES, scope="region")
def declare_kin(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Enter whom of the staff the applicant names as close kin."""
    return _act(
        case_id,
        kin.declare,
        "已登记近亲属关系，该家庭须由县级入户调查。",
        name=_words("kin_name"),
        relation=field("relation"),
    )


@cases.post("/<uuid:case_id>/recusal")
@requires(Permission.WORK_CASES, scope="region")
def stand_back(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Stand back from the case."""
    return _act(case_id, kin.stand_back, "已回避，由同岗位其他人员办理。", reason=_words("why"))


@cases.post("/<uuid:case_id>/kin-visit")
@requires(Permission.WORK_CASES, scope="region")
def visit_kin(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Enter the county's visit to the home."""
    try:
        other, day = uuid.UUID(field("companion_id")), date.fromisoformat(field("visited_on"))
    except ValueError:
        return _page(case_id, WordsMissing("请选择同行人员和入户日期")), 422
    return _act(
        case_id,
        kin.visit,
        "已登记县级入户调查。",
        companion_id=other,
        visited_on=day,
        finding=_words("finding"),
    )


def _objections(session: "Session") -> Sequence[second_objections.ObjectionRow]:
    """Return the newest objections to fast aid that concern the reader; on the first page only."""
    if paging.cursor():
        return ()
    actor = current_actor()
    page = second_objections.standing(session, actor=actor, limit=paging.PAGE_SIZE, cursor=None)
    return page.items


def _insisting() -> dict[str, str | None]:
    """Return why somebody asks for a paper that the platform has, where a form says so."""
    return {"nonetheless": _words("nonetheless")}


def _words(name: str) -> str | None:
    """Return what was written, or None where it is too little to mean anything."""
    text = field(name)[:LONGEST]
    return text if len(text) >= SHORTEST else None


def _act(
    case_id: uuid.UUID, act: Callable[..., object], done: str, **given: Any
) -> Response | tuple[str, int]:
    """Do it, once for each form; say why not above the form, with what it held."""
    if any(given.get(name, "") is None for name in _WORDED):
        return _page(case_id, WordsMissing()), 422
    return forms.act(
        act,
        done=done,
        then=url_for("console.cases.show", case_id=case_id),
        otherwise=partial(_page, case_id),
        case_id=case_id,
        **given,
    )


def _page(case_id: uuid.UUID, fault: DomainError | None = None, **shown: object) -> str:
    actor = current_actor()
    with unit_of_work() as session:
        page = looks.view_page(session, viewer=actor, case_id=case_id, now=now())
        detail = page.detail
        names = organisation.region_names(session, codes={detail.case.region_code})
        relations = organisation.code_tables(session, tables=[RELATION])[RELATION]
        locked = locks.is_locked(session, case_id=case_id, account_id=actor.id)
        reasons = scheme_queries.pause_reasons(session)
        offered = {**payee_form.choices(session), **mandate_form.choices(session, actor)}
        objected = objections.of_page(session, detail, actor, locked=locked)
        objected |= surveys.of_page(session, detail, actor, locked=locked)
    mine = [
        stage
        for stage in detail.stages
        if not locked
        and stage.ended_at is None
        and stage.department_code == actor.department_code
        and stage.role in actor.roles_in_cases
    ]
    awaited = [one for one in detail.awaited if happenings.may_report(one, actor)]
    return render_template(
        "console/cases/show.html",
        detail=detail,
        case=detail.case,
        region_name=names.get(detail.case.region_code, ""),
        mine=mine,
        mine_stages=[(one.code, one.name) for one in mine],
        locked=locked,
        names={stage.code: stage.name for stage in detail.stages},
        departments={stage.department_code: stage.department_name for stage in detail.stages},
        paused=next((one for one in detail.pauses if one.until_on is None), None),
        awaited=awaited,
        happened=[(one.code, one.name) for one in awaited],
        relations=relations,
        reasons=[(one.code, f"{one.name}（最长 {one.longest} 天）") for one in reasons],
        checked=page.checked,
        signers=page.signers,
        signed=request.form.getlist("signed"),
        evidence=checking.evidence,
        verdicts=list(LABELS["doubt_verdict"].items()),
        recheck_every=list(LABELS["recheck_every"].items()),
        served_by=list(LABELS["served_by"].items()),
        excuses=list(LABELS["excuse"].items()),
        **offered,
        is_lead=actor.department_code == detail.lead and not locked,
        **objected,
        **shown,
        fault=fault,
        filled=request.form,
        longest=LONGEST,
        today=local_date(now()),
        once_key=forms.new_key(),
    )


# For what is done in a case that stands in files of its own.
act, page, words = _act, _page, _words
