"""Who may do what, written from the design and not from the code that is tested.

Every route of the staff application stands here or in `access_pages` once: method, rule, who may,
and about what. A route that does not is a failure of the test.
"""

from tests.api import access_bodies as bodies
from tests.api.access_helpers import HELPERS_API
from tests.api.access_mini import MINI_API
from tests.api.access_news import NEWS_API
from tests.api.access_pages import PAGES
from tests.api.access_procedures import PROCEDURES_API
from tests.api.access_referrals import REFERRALS_API
from tests.api.access_registers import REGISTERS_API
from tests.api.access_rosters import ROSTERS_API
from tests.api.access_who import (
    APPROVERS,
    CASEWORK,
    DAYS,
    DECIDE_ACCESS,
    EVERYONE,
    EXPORTERS,
    HOME,
    OPEN_CASES,
    READ_AUDIT,
    SECURITY,
    SEE_ACCOUNTS,
    SEE_BATCHES,
    SEE_CASES,
    SEE_HOUSEHOLDS,
    SEE_REVIEWS,
    SEE_TEXTS,
    STEWARDS,
    TAKE_FAULTS,
    WHOLE_CITY,
    WORK_CASES,
    Line,
    past,
)

PUBLIC = {
    ("GET", "/healthz"),
    ("GET", "/openapi.json"),
    ("POST", "/v1/sign-in"),
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("GET", "/check"),
    ("GET", "/v1/papers/check"),
    ("GET", "/static/<path:filename>"),
    ("GET", "/assets/<path:filename>"),
}

API: dict[tuple[str, str], Line] = {
    ("GET", "/v1/text-messages"): Line(SEE_TEXTS),
    ("POST", "/v1/sign-out"): Line(EVERYONE, ok=(204,)),
    ("GET", "/v1/me"): Line(EVERYONE),
    ("GET", "/v1/sessions"): Line(EVERYONE),
    ("DELETE", "/v1/sessions/<uuid:session_id>"): Line(EVERYONE, about="session", ok=(204,)),
    ("POST", "/v1/sessions/end-others"): Line(EVERYONE, ok=(204,)),
    ("POST", "/v1/session/step-up"): Line(EVERYONE, ok=(422,), body=lambda _: {"proof": "no"}),
    ("POST", "/v1/me/password"): Line(EVERYONE, ok=(422,), body=bodies.new_password),
    # Whose role asks for a second factor has one already.
    ("POST", "/v1/me/second-factor"): Line(EVERYONE, ok=(200, 409)),
    ("POST", "/v1/me/second-factor/confirmation"): Line(
        EVERYONE, ok=(409,), body=lambda _: {"code": "000000"}
    ),
    ("GET", "/v1/households"): Line(SEE_HOUSEHOLDS, lists="household"),
    ("POST", "/v1/households/search"): Line(
        SEE_HOUSEHOLDS, body=lambda _: {"name": "户"}, lists="household"
    ),
    ("GET", "/v1/households/<uuid:household_id>"): Line(SEE_HOUSEHOLDS, about="household"),
    ("GET", "/v1/persons/<uuid:person_id>"): Line(SEE_HOUSEHOLDS, about="person"),
    ("GET", "/v1/households/<uuid:household_id>/lists"): Line(SEE_HOUSEHOLDS, about="household"),
    **past("/v1", {"as-of": DAYS, "aid-months": "year=2026"}),
    ("GET", f"/v1{HOME}/years"): Line(SEE_HOUSEHOLDS, about="household"),
    ("POST", "/v1/persons/<uuid:person_id>/unmask"): Line(
        CASEWORK, about="person", body=bodies.unmask
    ),
    ("GET", "/v1/exports"): Line(EXPORTERS, lists="export"),
    ("POST", "/v1/exports"): Line(
        EXPORTERS, ok=(202,), body=lambda _: {"name": "户", "purpose": bodies.PURPOSE}
    ),
    ("GET", "/v1/exports/<uuid:export_id>"): Line(EXPORTERS, about="export"),
    # These are not made yet, which only who asked is told.
    ("POST", "/v1/exports/<uuid:export_id>/file"): Line(EXPORTERS, about="export", ok=(409,)),
    ("GET", "/v1/aid-statistics"): Line(SEE_HOUSEHOLDS, query="by=region"),
    ("GET", "/v1/access-requests"): Line(CASEWORK),  # of all, only who decides sees others'
    ("POST", "/v1/access-requests"): Line(CASEWORK, about="person", ok=(201,), body=bodies.ask),
    ("POST", "/v1/access-requests/<uuid:request_id>/decision"): Line(
        DECIDE_ACCESS, about="request", body=bodies.decide
    ),
    ("GET", "/v1/batches"): Line(SEE_BATCHES, lists="batch"),
    ("GET", "/v1/batches/<uuid:batch_id>"): Line(SEE_BATCHES, about="batch"),
    ("GET", "/v1/batches/<uuid:batch_id>/rejected-rows"): Line(SEE_BATCHES, about="batch"),
    ("POST", "/v1/batches"): Line(WHOLE_CITY, ok=(202,), form=bodies.file),
    # What is sent says too little to be loaded, which only who may send is told.
    ("POST", "/v1/records"): Line(WHOLE_CITY, ok=(422,), body=bodies.records),
    ("POST", "/v1/batches/<uuid:batch_id>/undo"): Line(WHOLE_CITY, about="batch", ok=(202,)),
    # None of these files is a roll that waits.
    ("POST", "/v1/batches/<uuid:batch_id>/decision"): Line(
        WHOLE_CITY, about="batch", ok=(409,), body=lambda _: {"confirm": True}
    ),
    # Nothing of these files was rejected, which only who may take the rows is told.
    ("POST", "/v1/batches/<uuid:batch_id>/rejected-file"): Line(
        WHOLE_CITY, about="batch", ok=(409,)
    ),
    ("GET", "/v1/quality"): Line(SEE_BATCHES),
    ("GET", "/v1/quality/<scheme>"): Line(SEE_BATCHES, about="scheme"),
    ("POST", "/v1/quality/<scheme>/fault-files"): Line(
        TAKE_FAULTS, about="scheme", ok=(202,), body=lambda _: {"form": "csv"}
    ),
    # The task that everyone has made no such file.
    ("POST", "/v1/quality/fault-files/<uuid:task_id>"): Line(TAKE_FAULTS, about="task", ok=(409,)),
    ("GET", "/v1/persons/<uuid:person_id>/application"): Line(OPEN_CASES, about="person"),
    # Who is of no department is told so.
    ("GET", "/v1/roster"): Line(OPEN_CASES, query="scheme=S13", ok=(200, 403)),
    ("GET", "/v1/cases"): Line(SEE_CASES, lists="case"),
    ("GET", "/v1/my-turn"): Line(WORK_CASES),
    ("GET", "/v1/second-objections"): Line(SEE_CASES),
    ("GET", "/v1/cases/<uuid:case_id>"): Line(SEE_CASES, about="case"),
    ("GET", "/v1/cases/<uuid:case_id>/papers/<paper>"): Line(SEE_CASES, about="case"),
    ("POST", "/v1/cases"): Line(OPEN_CASES, about="person", ok=(201,), body=bodies.application),
    # Whose stage it is, is data: the township's clerks accept, and nobody else does.
    ("POST", "/v1/cases/<uuid:case_id>/stages/<stage>/end"): Line(
        WORK_CASES, about="case", ok=(200, 403), body=lambda _: {"outcome": "passed"}
    ),
    ("POST", "/v1/cases/<uuid:case_id>/return"): Line(
        WORK_CASES, about="case", ok=(200, 403), body=lambda _: {"missing": "收入证明"}
    ),
    # These are neither returned nor accepted, nor may they be decided yet.
    ("POST", "/v1/cases/<uuid:case_id>/resubmit"): Line(OPEN_CASES, about="case", ok=(409,)),
    ("POST", "/v1/cases/<uuid:case_id>/pause"): Line(
        WORK_CASES, about="case", ok=(409,), body=lambda _: {"missing": "收入证明"}
    ),
    ("POST", "/v1/cases/<uuid:case_id>/resume"): Line(WORK_CASES, about="case", ok=(409,)),
    ("POST", "/v1/cases/<uuid:case_id>/decision"): Line(
        APPROVERS,
        about="case",
        ok=(409,),
        body=lambda _: {"granted": False, "reason": "收入高于标准"},
    ),
    # Of a scheme that is decided by hand.
    ("POST", "/v1/cases/<uuid:case_id>/facts"): Line(
        WORK_CASES, about="case", ok=(409, 403), body=bodies.facts
    ),
    ("POST", "/v1/cases/<uuid:case_id>/withdraw"): Line(
        OPEN_CASES, about="case", body=lambda _: {"reason": "申请人书面撤回"}
    ),
    ("GET", "/v1/decision-lists"): Line(APPROVERS, lists="decision_list"),
    # Nothing of the scheme waits for anybody; and nobody stands on the lists that there are.
    ("POST", "/v1/decision-lists"): Line(APPROVERS, ok=(409,), body=bodies.decision_list),
    ("GET", "/v1/decision-lists/<uuid:list_id>"): Line(APPROVERS, about="decision_list"),
    ("GET", "/v1/decision-lists/<uuid:list_id>/cases"): Line(APPROVERS, about="decision_list"),
    ("POST", "/v1/decision-lists/<uuid:list_id>/cases/<uuid:case_id>/take-off"): Line(
        APPROVERS, about="decision_list", ok=(409,)
    ),
    ("POST", "/v1/decision-lists/<uuid:list_id>/sign"): Line(
        APPROVERS, about="decision_list", ok=(409,), body=lambda _: {"digest": "0" * 64}
    ),
    ("POST", "/v1/decision-lists/<uuid:list_id>/stop"): Line(
        APPROVERS, about="decision_list", ok=(409,)
    ),
    ("POST", "/v1/decision-lists/<uuid:list_id>/resume"): Line(
        APPROVERS, about="decision_list", ok=(409,)
    ),
    # None is drawn or signed here: the county's office begins one of its own, of nothing granted.
    ("GET", "/v1/standard-rises"): Line(WORK_CASES),
    ("POST", "/v1/standard-rises"): Line(WORK_CASES, ok=(409,), body=bodies.standard_rise),
    ("GET", "/v1/standard-rises/<uuid:rise_id>"): Line(WORK_CASES, about="rise"),
    ("GET", "/v1/standard-rises/<uuid:rise_id>/entitlements"): Line(WORK_CASES, about="rise"),
    ("POST", "/v1/standard-rises/<uuid:rise_id>/export"): Line(
        WORK_CASES, about="rise", body=lambda _: {}
    ),
    ("POST", "/v1/standard-rises/<uuid:rise_id>/sign"): Line(
        APPROVERS, about="rise", ok=(409,), body=lambda _: {"digest": "0" * 64}
    ),
    ("POST", "/v1/standard-rises/<uuid:rise_id>/stop"): Line(APPROVERS, about="rise", ok=(409,)),
    ("POST", "/v1/standard-rises/<uuid:rise_id>/resume"): Line(APPROVERS, about="rise", ok=(409,)),
    ("POST", "/v1/standard-rises/<uuid:rise_id>/cancel"): Line(
        WORK_CASES, about="rise", ok=(200, 409)
    ),
    # A standard of the city is the city's office's (409), of a county the county's too.
    ("GET", "/v1/parameter-drafts"): Line(WORK_CASES),
    ("POST", "/v1/parameter-drafts"): Line(
        WORK_CASES, ok=(201, 409, 422), body=bodies.parameter_draft
    ),
    ("POST", "/v1/parameter-drafts/<uuid:draft_id>/publish"): Line(
        APPROVERS, about="parameter_draft", ok=(409,)
    ),
    ("POST", "/v1/parameter-drafts/<uuid:draft_id>/discard"): Line(
        WORK_CASES, about="parameter_draft", ok=(200, 409, 422)
    ),
    # Of nobody's kin; and who acts or sees is data.
    ("POST", "/v1/cases/<uuid:case_id>/kin"): Line(
        WORK_CASES, about="case", body=lambda _: {"name": "王主任", "relation": "20"}
    ),
    ("POST", "/v1/cases/<uuid:case_id>/recusal"): Line(
        WORK_CASES, about="case", body=lambda _: {"reason": "与申请人是亲戚"}
    ),
    ("POST", "/v1/cases/<uuid:case_id>/survey"): Line(
        WORK_CASES, about="case", ok=(409,), body=bodies.survey
    ),
    ("POST", "/v1/cases/<uuid:case_id>/kin-visit"): Line(
        WORK_CASES, about="case", ok=(409,), body=bodies.kin_visit
    ),
    # Not accepted yet, so its clock is none to extend.
    ("POST", "/v1/cases/<uuid:case_id>/extension"): Line(
        WORK_CASES,
        about="case",
        ok=(409,),
        body=lambda _: {"stage": "ACCEPT", "reason": "须到外地核查"},
    ),
    ("POST", "/v1/cases/<uuid:case_id>/extension/answer"): Line(
        APPROVERS, about="case", ok=(409,), body=lambda _: {"agreed": True, "reason": "情况属实"}
    ),
    ("POST", "/v1/cases/<uuid:case_id>/mandates"): Line(
        OPEN_CASES, about="case", body=bodies.mandate
    ),
    ("POST", "/v1/cases/<uuid:case_id>/mandates/<uuid:mandate_id>/revocation"): Line(
        OPEN_CASES, about="case", body=lambda _: {"reason": "申请人要求"}
    ),
    ("POST", "/v1/cases/<uuid:case_id>/mandates/<uuid:mandate_id>/hand-over"): Line(
        OPEN_CASES, about="case", body=lambda _: {"what": "papers", "words": "收入证明"}
    ),
    # The id stands for another file, which only who may add one is told.
    ("PUT", "/v1/cases/<uuid:case_id>/enclosures/<uuid:enclosure_id>"): Line(
        OPEN_CASES, about="case", ok=(409,), form=bodies.enclosure
    ),
    ("GET", "/v1/cases/<uuid:case_id>/enclosures/<uuid:enclosure_id>/content"): Line(
        WORK_CASES, about="case"
    ),
    ("POST", "/v1/cases/<uuid:case_id>/enclosures/<uuid:enclosure_id>/removal"): Line(
        OPEN_CASES, about="case", body=lambda _: {"reason": "放错了申请事项"}
    ),
    # An approver enters no account; nothing waits to be confirmed.
    ("POST", "/v1/cases/<uuid:case_id>/payees"): Line(
        WORK_CASES, about="case", ok=(200, 403), body=bodies.payee
    ),
    ("POST", "/v1/cases/<uuid:case_id>/payees/answer"): Line(
        WORK_CASES, about="case", ok=(403, 409), body=bodies.payee_answer
    ),
    ("POST", "/v1/cases/<uuid:case_id>/payees/withdrawal"): Line(
        WORK_CASES, about="case", ok=(403, 409), body=bodies.payee_withdrawal
    ),
    ("POST", "/v1/cases/<uuid:case_id>/payees/<uuid:payee_id>/unmask"): Line(
        CASEWORK, about="case", body=lambda _: {"purpose": bodies.PURPOSE}
    ),
    # Nothing was granted yet; and to whom it would be is data.
    ("POST", "/v1/cases/<uuid:case_id>/changes"): Line(
        WORK_CASES, about="case", ok=(403, 409), body=bodies.change
    ),
    ("POST", "/v1/cases/<uuid:case_id>/changes/service"): Line(
        WORK_CASES, about="case", ok=(403, 409), body=bodies.service
    ),
    ("POST", "/v1/cases/<uuid:case_id>/changes/views"): Line(
        WORK_CASES, about="case", ok=(403, 409), body=lambda _: {"views": "没有意见"}
    ),
    ("POST", "/v1/cases/<uuid:case_id>/changes/decision"): Line(
        APPROVERS,
        about="case",
        ok=(403, 409),
        body=lambda _: {"carried": False, "reason": "收入没有超过标准"},
    ),
    # Nothing is shown in public yet.
    ("POST", "/v1/cases/<uuid:case_id>/objections"): Line(
        WORK_CASES, about="case", ok=(409,), body=bodies.objection
    ),
    **{
        ("POST", f"/v1/cases/<uuid:case_id>/objections/{what}"): Line(
            WORK_CASES, about="case", ok=(409,), body=body
        )
        for what, body in bodies.OF_OBJECTIONS.items()
    },
    ("GET", "/v1/cases/<uuid:case_id>/checks"): Line(SEE_CASES, about="case"),
    # Of a stranger; and a doubt that is none of the case's does not exist.
    ("POST", "/v1/cases/<uuid:case_id>/authorisations"): Line(
        WORK_CASES, about="case", ok=(422,), body=bodies.authorisation
    ),
    ("POST", "/v1/cases/<uuid:case_id>/findings/<uuid:finding_id>/answer"): Line(
        WORK_CASES, about="case", ok=(404,), body=bodies.verified
    ),
    ("POST", "/v1/cases/<uuid:case_id>/events"): Line(
        WORK_CASES, about="case", ok=(409,), body=bodies.event
    ),
    ("POST", "/v1/cases/<uuid:case_id>/recheck"): Line(
        WORK_CASES,
        about="case",
        ok=(403, 409),
        body=lambda _: {"found": "unchanged", "finding": "入户核查，情况未变"},
    ),
    ("GET", "/v1/me/kin-filing"): Line(EVERYONE),
    ("POST", "/v1/me/kin-filing"): Line(EVERYONE, body=bodies.kin_filing),
    ("GET", "/v1/me/delegations"): Line(WORK_CASES),
    # To nobody who is a colleague; and no such delegation is anybody's.
    ("POST", "/v1/me/delegations"): Line(WORK_CASES, ok=(422,), body=bodies.delegation),
    ("POST", "/v1/me/delegations/<uuid:delegation_id>/withdraw"): Line(WORK_CASES, ok=(404,)),
    ("GET", "/v1/link-reviews"): Line(SEE_REVIEWS, lists="review"),
    ("GET", "/v1/link-reviews/<uuid:review_id>"): Line(SEE_REVIEWS, about="review"),
    # The question is about one person only, so there is nothing to decide.
    ("POST", "/v1/link-reviews/<uuid:review_id>/home"): Line(
        STEWARDS, about="review", ok=(409,), body=bodies.home
    ),
    ("POST", "/v1/link-reviews/<uuid:review_id>/decision"): Line(
        STEWARDS, about="review", ok=(409,), body=bodies.verdict
    ),
    ("GET", "/v1/link-acts"): Line(SEE_REVIEWS, lists="act"),
    ("POST", "/v1/link-acts/<uuid:act_id>/withdraw"): Line(
        STEWARDS, about="act", body=lambda _: {"reason": "核对有误，撤回"}
    ),
    ("GET", "/v1/persons/<uuid:person_id>/descriptions"): Line(STEWARDS, about="person"),
    # What was seen is not what there is.
    ("POST", "/v1/persons/<uuid:person_id>/split"): Line(
        STEWARDS,
        about="person",
        ok=(409,),
        body=lambda _: {"identities": [str(_)], "seen": "x", "reason": "不是同一人"},
    ),
    ("POST", "/v1/persons/<uuid:person_id>/merge"): Line(
        STEWARDS,
        about="person",
        ok=(422,),
        body=lambda person: {
            "other_id": str(person),
            "seen": "x",
            "other_seen": "x",
            "reason": "是同一人",
        },
    ),
    ("GET", "/v1/tasks/<uuid:task_id>"): Line(EVERYONE, about="task"),
    ("GET", "/v1/regions"): Line(EVERYONE),
    ("GET", "/v1/departments"): Line(EVERYONE),
    ("GET", "/v1/schemes"): Line(EVERYONE),
    ("GET", "/v1/parameters"): Line(EVERYONE, query="region=210302002001"),
    ("GET", "/v1/code-tables"): Line(EVERYONE, query="table=sex"),
    ("GET", "/v1/accounts"): Line(SEE_ACCOUNTS, lists="account"),
    ("POST", "/v1/accounts"): Line(frozenset({"system_admin"}), ok=(201,), body=bodies.new_account),
    ("GET", "/v1/accounts/<uuid:account_id>"): Line(SEE_ACCOUNTS, about="account"),
    ("POST", "/v1/accounts/<uuid:account_id>/disable"): Line(
        frozenset({"security_admin"}), about="account_change"
    ),
    ("GET", "/v1/audit-events"): Line(READ_AUDIT, lists="event", query="action=household:merged"),
    ("GET", "/v1/audit-state"): Line(READ_AUDIT),
    ("GET", "/v1/signed-lists"): Line(READ_AUDIT, lists="signed_list"),
    ("GET", "/v1/signed-lists/<uuid:list_id>"): Line(READ_AUDIT, about="signed_list"),
    ("GET", "/v1/signed-lists/<uuid:list_id>/cases"): Line(READ_AUDIT, about="signed_list"),
    ("GET", "/v1/audit-trail/households/<uuid:household_id>"): Line(
        READ_AUDIT, about="household_trail"
    ),
    ("GET", "/v1/audit-trail/persons/<uuid:person_id>"): Line(READ_AUDIT, about="person_trail"),
    ("GET", "/v1/audit-trail/persons/<uuid:person_id>/lookers"): Line(
        READ_AUDIT, about="person_trail"
    ),
    **{
        (method, f"/v1/accounts/<uuid:account_id>/{what}"): Line(
            SECURITY, about="account_change", ok=ok
        )
        for method, ok in (("PUT", (202,)), ("DELETE", (200,)))
        for what in ("roles/<role>", "regions/<code>")
    },
    # The account that others' changes are tried on has no second factor to take away.
    ("POST", "/v1/accounts/<uuid:account_id>/second-factor/reset"): Line(
        SECURITY, about="account_change", ok=(409,)
    ),
    ("GET", "/v1/accounts/<uuid:account_id>/sessions"): Line(SECURITY, about="account"),
    ("POST", "/v1/accounts/<uuid:account_id>/sessions/end"): Line(
        SECURITY, about="account_change", body=lambda _: {}
    ),
    **NEWS_API,
    **MINI_API,
    **PROCEDURES_API,
    **REFERRALS_API,
    **REGISTERS_API,
    **ROSTERS_API,
    **HELPERS_API,
    ("GET", "/v1/grants"): Line(SECURITY, lists="proposal"),
    ("POST", "/v1/grants/<uuid:proposal_id>/decision"): Line(
        SECURITY, about="proposal", body=bodies.decide
    ),
}

TABLE = API | PAGES
