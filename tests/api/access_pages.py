"""Every page of the console: method, rule, who may, and about what."""

from uuid import UUID

from tests.api import access_bodies as bodies
from tests.api.access_helpers import HELPERS_PAGES
from tests.api.access_news import NEWS_PAGES
from tests.api.access_procedures import PROCEDURES_PAGES
from tests.api.access_referrals import REFERRALS_PAGES
from tests.api.access_registers import REGISTERS_PAGES
from tests.api.access_rosters import ROSTERS_PAGES
from tests.api.access_who import (
    APPROVERS,
    CASEWORK,
    DAYS,
    DECIDE_ACCESS,
    EAST,
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
    WEST,
    WHOLE_CITY,
    WORK_CASES,
    Line,
    past,
)

SYSTEM = frozenset({"system_admin"})
THEN = (303,)  # a form that was accepted leads to a page

PAGES: dict[tuple[str, str], Line] = {
    ("GET", "/"): Line(EVERYONE),
    ("GET", "/text-messages"): Line(SEE_TEXTS),
    ("GET", "/tasks/mine"): Line(EVERYONE, lists="task"),
    # That one has read one's own notice is told to nobody.
    ("POST", "/messages/<uuid:message_id>/read"): Line(
        EVERYONE, about="message", ok=THEN, audited=False
    ),
    ("GET", "/households"): Line(SEE_HOUSEHOLDS, lists="household"),
    ("POST", "/households/search"): Line(
        SEE_HOUSEHOLDS, ok=THEN, form=lambda _: {"way": "name", "text": "户甲"}
    ),
    ("GET", "/households/regions"): Line(SEE_HOUSEHOLDS),
    ("GET", "/households/<uuid:household_id>"): Line(SEE_HOUSEHOLDS, about="household"),
    ("GET", "/households/<uuid:household_id>/lists"): Line(SEE_HOUSEHOLDS, about="household"),
    ("GET", "/persons/<uuid:person_id>"): Line(SEE_HOUSEHOLDS, about="person"),
    **past("", {"as-of": DAYS}),
    ("GET", f"{HOME}/months"): Line(SEE_HOUSEHOLDS, about="household"),
    ("POST", "/persons/<uuid:person_id>/whole"): Line(
        CASEWORK, about="person", form=lambda _: {"purpose": bodies.PURPOSE}
    ),
    ("POST", "/persons/<uuid:person_id>/access-requests"): Line(
        CASEWORK, about="person", ok=THEN, form=lambda _: {"purpose": bodies.PURPOSE}
    ),
    ("GET", "/exports"): Line(EXPORTERS),
    ("GET", "/exports/new"): Line(EXPORTERS),
    ("POST", "/exports"): Line(
        EXPORTERS, ok=THEN, form=lambda _: {"form": "csv", "purpose": bodies.PURPOSE}
    ),
    # Not made yet: nothing is given.
    ("POST", "/exports/<uuid:export_id>/file"): Line(
        EXPORTERS, about="export", ok=THEN, audited=False
    ),
    ("GET", "/aid-statistics"): Line(SEE_HOUSEHOLDS),
    ("GET", "/access-requests"): Line(DECIDE_ACCESS, lists="request"),
    ("POST", "/access-requests/<uuid:request_id>/decision"): Line(
        DECIDE_ACCESS,
        about="request",
        ok=THEN,
        form=lambda _: {"decision": "approve", "reason": "情况属实"},
    ),
    ("GET", "/batches"): Line(SEE_BATCHES, lists="batch"),
    ("GET", "/batches/<uuid:batch_id>"): Line(SEE_BATCHES, about="batch"),
    ("GET", "/batches/new"): Line(WHOLE_CITY),
    ("POST", "/batches"): Line(WHOLE_CITY, ok=THEN, form=bodies.files),
    ("POST", "/batches/<uuid:batch_id>/rejected-rows"): Line(WHOLE_CITY, about="batch", ok=(409,)),
    ("GET", "/batches/<uuid:batch_id>/undo"): Line(WHOLE_CITY, about="batch"),
    ("POST", "/batches/<uuid:batch_id>/undo"): Line(WHOLE_CITY, about="batch", ok=THEN),
    ("POST", "/batches/<uuid:batch_id>/decision"): Line(
        WHOLE_CITY, about="batch", ok=(409,), form=lambda _: {"decision": "confirm"}
    ),
    ("GET", "/quality"): Line(SEE_BATCHES),
    ("GET", "/quality/<scheme>"): Line(SEE_BATCHES, about="scheme"),
    ("POST", "/quality/<scheme>/fault-files"): Line(
        TAKE_FAULTS, about="scheme", ok=THEN, form=lambda _: {"form": "csv"}
    ),
    ("POST", "/quality/fault-files/<uuid:task_id>"): Line(TAKE_FAULTS, about="task", ok=(409,)),
    ("GET", "/cases"): Line(SEE_CASES, lists="case"),
    ("GET", "/cases/my-turn"): Line(WORK_CASES),
    ("GET", "/cases/rosters"): Line(OPEN_CASES),
    ("GET", "/cases/<uuid:case_id>"): Line(SEE_CASES, about="case"),
    ("GET", "/cases/<uuid:case_id>/papers/<paper>"): Line(SEE_CASES, about="case"),
    ("GET", "/persons/<uuid:person_id>/apply"): Line(OPEN_CASES, about="person"),
    ("POST", "/persons/<uuid:person_id>/apply"): Line(
        OPEN_CASES, about="person", ok=THEN, form=bodies.application
    ),
    ("POST", "/cases/<uuid:case_id>/stages/<stage>"): Line(
        WORK_CASES, about="case", ok=(303, 403), form=lambda _: {"outcome": "passed"}
    ),
    ("POST", "/cases/<uuid:case_id>/return"): Line(
        WORK_CASES, about="case", ok=(303, 403), form=lambda _: {"missing": "收入证明"}
    ),
    ("POST", "/cases/<uuid:case_id>/resubmit"): Line(OPEN_CASES, about="case", ok=(409,)),
    ("POST", "/cases/<uuid:case_id>/pause"): Line(
        WORK_CASES, about="case", ok=(409,), form=lambda _: {"papers": "收入证明"}
    ),
    ("POST", "/cases/<uuid:case_id>/resume"): Line(WORK_CASES, about="case", ok=(409,)),
    ("POST", "/cases/<uuid:case_id>/decision"): Line(
        APPROVERS,
        about="case",
        ok=(409,),
        form=lambda _: {"granted": "refused", "reason": "收入高于标准"},
    ),
    ("GET", "/decision-lists"): Line(APPROVERS, lists="decision_list"),
    ("GET", "/decision-lists/new"): Line(APPROVERS),
    ("POST", "/decision-lists"): Line(
        APPROVERS,
        ok=(409,),
        form=lambda _: {"scheme": "S09", "amount": "90", "reason": "符合条件"},
    ),
    ("GET", "/decision-lists/<uuid:list_id>"): Line(APPROVERS, about="decision_list"),
    # Nobody stands on it: that is told above it.
    ("POST", "/decision-lists/<uuid:list_id>/cases/<uuid:case_id>/take-off"): Line(
        APPROVERS, about="decision_list", ok=(409,)
    ),
    ("POST", "/decision-lists/<uuid:list_id>/sign"): Line(
        APPROVERS, about="decision_list", ok=(409,), form=lambda _: {"digest": "0" * 64}
    ),
    ("POST", "/decision-lists/<uuid:list_id>/stop"): Line(
        APPROVERS, about="decision_list", ok=(409,)
    ),
    ("POST", "/decision-lists/<uuid:list_id>/resume"): Line(
        APPROVERS, about="decision_list", ok=(409,)
    ),
    # None is drawn or signed here: the county's office begins one of its own, of nothing granted.
    ("GET", "/standard-rises"): Line(WORK_CASES),
    ("POST", "/standard-rises"): Line(WORK_CASES, ok=(409,), form=bodies.standard_rise_form),
    ("GET", "/standard-rises/<uuid:rise_id>"): Line(WORK_CASES, about="rise"),
    ("GET", "/standard-rises/new"): Line(WORK_CASES),
    ("POST", "/standard-rises/<uuid:rise_id>/export"): Line(WORK_CASES, about="rise"),
    ("POST", "/standard-rises/<uuid:rise_id>/sign"): Line(
        APPROVERS, about="rise", ok=(409,), form=lambda _: {"digest": "0" * 64}
    ),
    ("POST", "/standard-rises/<uuid:rise_id>/stop"): Line(APPROVERS, about="rise", ok=(409,)),
    ("POST", "/standard-rises/<uuid:rise_id>/resume"): Line(APPROVERS, about="rise", ok=(409,)),
    ("POST", "/standard-rises/<uuid:rise_id>/cancel"): Line(
        WORK_CASES, about="rise", ok=(303, 409)
    ),
    ("POST", "/standard-rises/values"): Line(
        WORK_CASES, ok=(303, 409, 422), form=bodies.parameter_draft
    ),
    ("POST", "/standard-rises/values/<uuid:draft_id>/publish"): Line(
        APPROVERS, about="parameter_draft", ok=(409,)
    ),
    ("POST", "/standard-rises/values/<uuid:draft_id>/discard"): Line(
        WORK_CASES, about="parameter_draft", ok=(303, 409, 422)
    ),
    ("POST", "/cases/<uuid:case_id>/facts"): Line(
        WORK_CASES, about="case", ok=(409, 403), form=bodies.facts_form
    ),
    ("POST", "/cases/<uuid:case_id>/withdraw"): Line(
        OPEN_CASES, about="case", ok=THEN, form=lambda _: {"wish": "申请人书面撤回"}
    ),
    ("POST", "/cases/<uuid:case_id>/kin"): Line(
        WORK_CASES, about="case", ok=THEN, form=lambda _: {"kin_name": "王主任", "relation": "20"}
    ),
    ("POST", "/cases/<uuid:case_id>/recusal"): Line(
        WORK_CASES, about="case", ok=THEN, form=lambda _: {"why": "与申请人是亲戚"}
    ),
    ("POST", "/cases/<uuid:case_id>/survey"): Line(
        WORK_CASES, about="case", ok=(409,), form=bodies.survey_form
    ),
    ("POST", "/cases/<uuid:case_id>/kin-visit"): Line(
        WORK_CASES, about="case", ok=(409,), form=bodies.kin_visit
    ),
    ("POST", "/cases/<uuid:case_id>/extension"): Line(
        WORK_CASES,
        about="case",
        ok=(409,),
        form=lambda _: {"needs_time": "ACCEPT", "because": "须到外地核查"},
    ),
    ("POST", "/cases/<uuid:case_id>/extension/answer"): Line(
        APPROVERS, about="case", ok=(409,), form=lambda _: {"agreed": "yes", "grounds": "情况属实"}
    ),
    ("POST", "/cases/<uuid:case_id>/enclosures"): Line(
        OPEN_CASES, about="case", ok=THEN, form=bodies.enclosure_form
    ),
    ("GET", "/cases/<uuid:case_id>/enclosures/<uuid:enclosure_id>"): Line(WORK_CASES, about="case"),
    ("POST", "/cases/<uuid:case_id>/enclosures/<uuid:enclosure_id>/removal"): Line(
        OPEN_CASES, about="case", ok=THEN, form=lambda _: {"enclosure_removed_why": "放错了"}
    ),
    ("POST", "/cases/<uuid:case_id>/mandates"): Line(
        OPEN_CASES, about="case", ok=THEN, form=bodies.mandate_form
    ),
    ("POST", "/cases/<uuid:case_id>/mandates/<uuid:mandate_id>/revocation"): Line(
        OPEN_CASES, about="case", ok=THEN, form=lambda _: {"mandate_revoked_why": "申请人要求"}
    ),
    ("POST", "/cases/<uuid:case_id>/mandates/<uuid:mandate_id>/hand-over"): Line(
        OPEN_CASES,
        about="case",
        ok=THEN,
        form=lambda _: {"handed": "papers", "handed_words": "收入证明"},
    ),
    ("POST", "/cases/<uuid:case_id>/payees"): Line(
        WORK_CASES, about="case", ok=(*THEN, 403), form=bodies.payee_form
    ),
    ("POST", "/cases/<uuid:case_id>/payees/answer"): Line(
        WORK_CASES,
        about="case",
        ok=(403, 409),
        form=lambda _: {
            "payee_id": str(UUID(int=1)),
            "confirmed": "yes",
            "payee_answer": "与原件一致",
        },
    ),
    ("POST", "/cases/<uuid:case_id>/payees/withdrawal"): Line(
        WORK_CASES,
        about="case",
        ok=(403, 409),
        form=lambda _: {"payee_id": str(UUID(int=1)), "payee_withdrawal": "卡号写错"},
    ),
    ("POST", "/cases/<uuid:case_id>/payees/<uuid:payee_id>/whole"): Line(
        CASEWORK, about="case", form=lambda _: {"payee_purpose": bodies.PURPOSE}
    ),
    ("POST", "/cases/<uuid:case_id>/changes"): Line(
        WORK_CASES, about="case", ok=(403, 409), form=bodies.change_form
    ),
    ("POST", "/cases/<uuid:case_id>/changes/service"): Line(
        WORK_CASES, about="case", ok=(403, 409), form=bodies.service
    ),
    ("POST", "/cases/<uuid:case_id>/changes/views"): Line(
        WORK_CASES, about="case", ok=(403, 409), form=lambda _: {"views": "没有意见"}
    ),
    ("POST", "/cases/<uuid:case_id>/changes/decision"): Line(
        APPROVERS,
        about="case",
        ok=(403, 409),
        form=lambda _: {"carried": "no", "change_grounds": "收入没有超过标准"},
    ),
    ("POST", "/cases/<uuid:case_id>/objections"): Line(
        WORK_CASES, about="case", ok=(409,), form=bodies.objection_form
    ),
    **{
        ("POST", f"/cases/<uuid:case_id>/objections/{what}"): Line(
            WORK_CASES, about="case", ok=(409,), form=form
        )
        for what, form in bodies.OF_OBJECTION_FORMS.items()
    },
    ("POST", "/cases/<uuid:case_id>/authorisations"): Line(
        WORK_CASES, about="case", ok=(422,), form=bodies.authorisation_form
    ),
    ("POST", "/cases/<uuid:case_id>/findings/<uuid:finding_id>"): Line(
        WORK_CASES, about="case", ok=(404,), form=bodies.verified_form
    ),
    ("POST", "/cases/<uuid:case_id>/events"): Line(
        WORK_CASES, about="case", ok=(409,), form=bodies.event_form
    ),
    ("POST", "/cases/<uuid:case_id>/recheck"): Line(
        WORK_CASES,
        about="case",
        ok=(403, 409),
        form=lambda _: {"found": "unchanged", "recheck_finding": "入户核查，情况未变"},
    ),
    ("GET", "/me/kin"): Line(EVERYONE),
    ("POST", "/me/kin"): Line(EVERYONE, ok=THEN, form=bodies.own_number),
    ("GET", "/me/delegations"): Line(WORK_CASES),
    ("POST", "/me/delegations"): Line(WORK_CASES, ok=(422,), form=bodies.delegation),
    ("POST", "/me/delegations/<uuid:delegation_id>/withdraw"): Line(WORK_CASES, ok=(404,)),
    ("GET", "/link-reviews"): Line(SEE_REVIEWS, lists="review"),
    ("GET", "/link-reviews/<uuid:review_id>"): Line(SEE_REVIEWS, about="review"),
    ("POST", "/link-reviews/<uuid:review_id>/home"): Line(
        STEWARDS, about="review", ok=(409,), form=bodies.home
    ),
    ("POST", "/link-reviews/<uuid:review_id>/decision"): Line(
        STEWARDS,
        about="review",
        ok=(409,),
        form=lambda _: {"verdict": "same", "seen": "x", "reason": "papers"},
    ),
    ("GET", "/link-acts"): Line(SEE_REVIEWS, lists="act"),
    ("POST", "/link-acts/<uuid:act_id>/withdraw"): Line(
        STEWARDS, about="act", ok=THEN, form=lambda _: {"reason": "核对有误，撤回"}
    ),
    ("GET", "/persons/<uuid:person_id>/split"): Line(STEWARDS, about="person"),
    ("POST", "/persons/<uuid:person_id>/split"): Line(STEWARDS, about="person", ok=(422,)),
    ("GET", "/persons/<uuid:person_id>/merge"): Line(STEWARDS, about="person"),
    # The two in the address are one person here.
    ("GET", "/persons/<uuid:person_id>/merge/<uuid:other_id>"): Line(
        STEWARDS, about="person", ok=(422,)
    ),
    ("POST", "/persons/<uuid:person_id>/merge/<uuid:other_id>"): Line(
        STEWARDS, about="person", ok=(422,), form=lambda _: {"reason": "papers"}
    ),
    ("GET", "/audit"): Line(READ_AUDIT, lists="household_trail", query="subject_type=household"),
    ("GET", "/audit/state"): Line(READ_AUDIT),
    ("GET", "/signed-lists"): Line(READ_AUDIT, lists="signed_list"),
    ("GET", "/signed-lists/<uuid:list_id>"): Line(READ_AUDIT, about="signed_list"),
    ("GET", "/audit/accounts/<uuid:account_id>"): Line(READ_AUDIT, about="account"),
    ("GET", "/audit/households/<uuid:household_id>"): Line(READ_AUDIT, about="household_trail"),
    ("GET", "/audit/persons/<uuid:person_id>"): Line(READ_AUDIT, about="person_trail"),
    ("GET", "/audit/persons/<uuid:person_id>/lookers"): Line(READ_AUDIT, about="person_trail"),
    ("GET", "/accounts"): Line(SEE_ACCOUNTS, lists="account"),
    ("GET", "/accounts/new"): Line(SYSTEM),
    ("POST", "/accounts"): Line(SYSTEM, ok=THEN, form=bodies.account_form),
    ("GET", "/accounts/<uuid:account_id>"): Line(SEE_ACCOUNTS, about="account"),
    ("POST", "/accounts/<uuid:account_id>/roles"): Line(
        SECURITY, about="account_change", ok=THEN, form=lambda _: {"role": "reviewer"}
    ),
    ("POST", "/accounts/<uuid:account_id>/regions"): Line(
        SECURITY, about="account_change", ok=THEN, form=lambda _: {"code": WEST}
    ),
    ("POST", "/accounts/<uuid:account_id>/regions/remove"): Line(
        SECURITY, about="account_change", ok=THEN, form=lambda _: {"code": EAST}
    ),
    ("GET", "/accounts/<uuid:account_id>/disable"): Line(SECURITY, about="account"),
    ("POST", "/accounts/<uuid:account_id>/disable"): Line(
        SECURITY, about="account_change", ok=THEN
    ),
    ("POST", "/accounts/<uuid:account_id>/second-factor/reset"): Line(
        SECURITY, about="account_change", ok=(409,)
    ),
    ("POST", "/accounts/<uuid:account_id>/sessions/end"): Line(
        SECURITY, about="account_change", ok=THEN
    ),
    **NEWS_PAGES,
    **PROCEDURES_PAGES,
    **REGISTERS_PAGES,
    **REFERRALS_PAGES,
    **ROSTERS_PAGES,
    **HELPERS_PAGES,
    ("GET", "/grants"): Line(SECURITY, lists="proposal"),
    ("POST", "/grants/<uuid:proposal_id>/decision"): Line(
        SECURITY,
        about="proposal",
        ok=THEN,
        form=lambda _: {"decision": "approve", "reason": "情况属实"},
    ),
    ("GET", "/sessions"): Line(EVERYONE),
    ("POST", "/sessions/<uuid:session_id>/end"): Line(EVERYONE, about="session", ok=THEN),
    ("POST", "/sessions/end-others"): Line(EVERYONE, ok=THEN),
    # These have given their code, and are led to the first page.
    ("GET", "/me/code"): Line(EVERYONE, ok=THEN),
    ("POST", "/me/code"): Line(EVERYONE, ok=THEN, audited=False),
    ("GET", "/me/confirm"): Line(EVERYONE),
    ("POST", "/me/confirm"): Line(EVERYONE, ok=(422,), form=lambda _: {"proof": "no"}),
    ("GET", "/me/password"): Line(EVERYONE),
    ("POST", "/me/password"): Line(EVERYONE, ok=(422,), form=lambda _: {"present": "no"}),
    ("GET", "/me/second-factor"): Line(EVERYONE),
    ("POST", "/me/second-factor"): Line(EVERYONE, ok=(303, 409)),
    ("POST", "/me/second-factor/confirmation"): Line(
        EVERYONE, ok=(409,), form=lambda _: {"code": "000000"}
    ),
    ("POST", "/sessions/leave"): Line(EVERYONE, ok=THEN),
    ("POST", "/sessions/leave-everywhere"): Line(EVERYONE, ok=THEN),
}
