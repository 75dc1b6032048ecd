"""Applications and their joint review (联审联批), over HTTP.

Every write answers with the case as it is then.
"""

import uuid
from typing import Any

from flask import Response

from relief.api.cases.acts import done as _done
from relief.api.cases.fact_schemas import FactsIn
from relief.api.cases.schemas import (
    CaseArgs,
    CaseDecisionIn,
    CaseDetailOut,
    CaseIn,
    CasePageOut,
    CaseReasonIn,
    KinDeclarationIn,
    KinVisitIn,
    MissingIn,
    OpinionIn,
    PauseIn,
    TurnPageOut,
)
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.review import decisions, looks, queries, service
from relief.review.checks.acts import Signed
from relief.review.facts import acts as facts
from relief.review.kin import acts as kin
from relief.review.mandates import acts as mandates
from relief.review.mandates.acts import Mandate
from relief.review.paying import acts as payees
from relief.review.paying.entering import Payee
from relief.review.recognition import taking_over
from relief.review.recognition.taking_over import Correction
from relief.review.rows import CaseDetail
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, cipher, current_actor, now, requires
from relief.web.idempotency import answer
from relief.web.pagination import PageArgs

blp = Blueprint("cases", __name__, url_prefix="/v1", description="申请与联审联批")
_NOT_YET = "还没有轮到这个环节，已经办结，或正在等待材料"
_KIN = "与申请家庭有近亲属关系，或已经回避"
_HELD = "或要求的材料系统已有（conflicts）"
_ENDED = "已经作出决定，或已经撤回"
_NOT_ALLOWED = "由其他部门或岗位承办，或与已经办过的环节不相容"


@blp.get("/cases")
@requires(Permission.SEE_CASES, scope="region")
@blp.arguments(CaseArgs, location="query")
@blp.response(200, CasePageOut)
def list_cases(args: dict[str, Any]) -> Any:
    """List the cases in scope, newest first."""
    with unit_of_work() as session:
        late = args.pop("late")
        return queries.list_cases(
            session,
            scope=current_actor().scope,
            late_on=local_date(now()) if late else None,
            **args,
        )


@blp.get("/my-turn")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(PageArgs, location="query")
@blp.response(200, TurnPageOut)
def my_turn(args: dict[str, Any]) -> Any:
    """List what waits for the caller, the most urgent first."""
    with unit_of_work() as session:
        return queries.my_turn(session, actor=current_actor(), **args)


@blp.post("/cases")
@requires(Permission.OPEN_CASES, scope="household")
@blp.arguments(CaseIn)
@blp.response(201, CaseDetailOut)
@blp.alt_response(403, description="本部门不参加这个项目")
@blp.alt_response(
    409, description="同一申请正在办理，登记显示此人已去世，或核验发现须先改正的问题（conflicts）"
)
def submit(payload: dict[str, Any]) -> Response:
    """Enter an application of someone in scope."""
    actor, moment = current_actor(), now()
    corrections = [Correction(**one) for one in payload["corrections"]]

    def mandated(case_id: uuid.UUID) -> None:
        mandates.with_application(
            session,
            actor=actor,
            case_id=case_id,
            cipher=cipher(),
            mandate=Mandate(**payload["mandate"]),
            now=moment,
        )

    def work() -> CaseDetail:
        case_id = service.submit(
            session,
            actor=actor,
            person_id=payload["person_id"],
            scheme_code=payload["scheme"],
            need=payload["need"],
            authorisations=[Signed(**one) for one in payload["authorisations"]],
            corrections=taking_over.seal(session, cipher(), corrections, now=moment),
            mandated=mandated if payload["mandate"] else None,
            now=moment,
        )
        if payload["payee"]:
            payees.with_application(
                session,
                actor=actor,
                case_id=case_id,
                cipher=cipher(),
                payee=Payee(**payload["payee"]),
                now=moment,
            )
        return queries.case_detail(
            session, scope=actor.scope, case_id=case_id, on=local_date(moment)
        )

    with unit_of_work() as session:
        return answer(session, CaseDetailOut, actor_id=actor.id, now=moment, work=work, status=201)


@blp.get("/cases/<uuid:case_id>")
@requires(Permission.SEE_CASES, scope="region")
@blp.response(200, CaseDetailOut)
def get_case(case_id: uuid.UUID) -> CaseDetail:
    """Return a case with its stages, clocks and timeline; the look is recorded."""
    with unit_of_work() as session:
        return looks.view_case(session, viewer=current_actor(), case_id=case_id, now=now())


@blp.post("/cases/<uuid:case_id>/stages/<stage>/end")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(OpinionIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_NOT_ALLOWED)
@blp.alt_response(409, description=_NOT_YET)
def end_stage(payload: dict[str, Any], case_id: uuid.UUID, stage: str) -> Response:
    """End one's own part of a stage; what it starts begins today."""
    return _done(service.end_stage, case_id, code=stage, **payload)


@blp.post("/cases/<uuid:case_id>/return")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(MissingIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_NOT_ALLOWED)
@blp.alt_response(409, description=f"已经一次性告知过，或不在受理环节；{_HELD}")
def return_once(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Give an application back, once, with the whole list of what is missing."""
    return _done(service.return_once, case_id, **payload)


@blp.post("/cases/<uuid:case_id>/resubmit")
@requires(Permission.OPEN_CASES, scope="region")
@blp.response(200, CaseDetailOut)
@blp.alt_response(409, description="没有被退回")
def resubmit(case_id: uuid.UUID) -> Response:
    """Enter what was missing: the acceptance begins again."""
    return _done(service.resubmit, case_id)


@blp.post("/cases/<uuid:case_id>/pause")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(PauseIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_NOT_ALLOWED)
@blp.alt_response(409, description=f"已经在等待材料，累计等待已达上限，或不在办理中；{_HELD}")
def pause(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Ask for papers: the clocks of the case stand until they come."""
    return _done(service.pause, case_id, **payload)


@blp.post("/cases/<uuid:case_id>/resume")
@requires(Permission.WORK_CASES, scope="region")
@blp.response(200, CaseDetailOut)
@blp.alt_response(409, description="没有等待中的材料")
def resume(case_id: uuid.UUID) -> Response:
    """Take in the papers that were asked for: the clocks run on."""
    return _done(service.resume, case_id)


@blp.post("/cases/<uuid:case_id>/decision")
@requires(Permission.DECIDE_CASES, scope="region")
@blp.arguments(CaseDecisionIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_NOT_ALLOWED)
@blp.alt_response(409, description=f"{_NOT_YET}；还有疑点没有核实排除；或已有同一时段的待遇")
def decide(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Confirm or refuse, with reasons; what is granted is an entitlement at once."""
    return _done(decisions.decide, case_id, **payload)


@blp.post("/cases/<uuid:case_id>/withdraw")
@requires(Permission.OPEN_CASES, scope="region")
@blp.arguments(CaseReasonIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(409, description="已经作出决定，或已经撤回")
def withdraw(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """End a case at the applicant's wish, before it is decided."""
    return _done(service.withdraw, case_id, **payload)


@blp.post("/cases/<uuid:case_id>/kin")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(KinDeclarationIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_KIN)
@blp.alt_response(409, description=_ENDED)
def declare_kin(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Enter whom of the staff the applicant names as close kin: the county visits the home."""
    return _done(kin.declare, case_id, **payload)


@blp.post("/cases/<uuid:case_id>/recusal")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(CaseReasonIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(409, description=f"{_ENDED}；或已经回避")
def stand_back(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Stand back from a case: it waits for the others of one's office."""
    return _done(kin.stand_back, case_id, **payload)


@blp.post("/cases/<uuid:case_id>/kin-visit")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(KinVisitIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_KIN)
@blp.alt_response(409, description=f"{_ENDED}；不是近亲属备案；或已经登记过")
def visit_kin(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Enter the county's visit to the home of a case of kin, which its decision waits for."""
    return _done(kin.visit, case_id, **payload)


@blp.post("/cases/<uuid:case_id>/facts")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(FactsIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=f"{_NOT_ALLOWED}；{_KIN}")
@blp.alt_response(409, description=f"{_ENDED}；或项目没有计算规则")
def find_out(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Enter what was found out, with its proof: the rule is applied to it at once."""
    return _done(facts.find_out, case_id, found=[facts.Found(**one) for one in payload["facts"]])
