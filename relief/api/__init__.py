"""The staff API: one folder a feature."""

from relief.api.access.routes import blp as access
from relief.api.accounts.routes import blp as accounts
from relief.api.applications.roster_acts import blp as roster_acts
from relief.api.applications.routes import blp as applications
from relief.api.audit_events.routes import blp as audit_events
from relief.api.batches.routes import blp as batches
from relief.api.cases.changing import blp as entitlement_changes
from relief.api.cases.enclosing import blp as case_enclosures
from relief.api.cases.extending import blp as case_extensions
from relief.api.cases.happening import blp as case_events
from relief.api.cases.mandating import blp as case_mandates
from relief.api.cases.objecting import blp as case_objections
from relief.api.cases.paying import blp as case_payees
from relief.api.cases.rechecking import blp as case_rechecks
from relief.api.cases.routes import blp as cases
from relief.api.cases.second_objecting import blp as second_objections
from relief.api.cases.settling import blp as settlements
from relief.api.cases.surveying import blp as case_survey
from relief.api.checks.routes import blp as checks
from relief.api.decision_lists.reading import blp as signed_lists
from relief.api.decision_lists.routes import blp as decision_lists
from relief.api.decisions.routes import blp as decisions
from relief.api.delegating.routes import blp as delegations
from relief.api.exports.routes import blp as exports
from relief.api.grants.routes import blp as grants
from relief.api.helpers.files import blp as helper_files
from relief.api.helpers.routes import blp as helpers
from relief.api.history.routes import blp as history
from relief.api.households.routes import blp as households
from relief.api.kin.routes import blp as kin
from relief.api.me.routes import blp as me
from relief.api.mini_bindings.routes import blp as mini_bindings
from relief.api.news.routes import blp as news
from relief.api.papers.routes import blp as papers
from relief.api.procedures.routes import blp as procedures
from relief.api.quality.routes import blp as quality
from relief.api.records.routes import blp as records
from relief.api.reference.routes import blp as reference
from relief.api.referrals.routes import blp as referrals
from relief.api.registers.routes import blp as registers
from relief.api.rises.routes import blp as rises
from relief.api.rises.values import blp as parameter_drafts
from relief.api.sessions.routes import blp as sessions
from relief.api.statistics.routes import blp as statistics
from relief.api.text_messages.routes import blp as text_messages
from relief.web.blueprint import Blueprint

API_BLUEPRINTS: list[Blueprint] = [
    sessions,
    me,
    households,
    helpers,
    helper_files,
    exports,
    history,
    statistics,
    access,
    batches,
    records,
    registers,
    text_messages,
    news,
    mini_bindings,
    decisions,
    applications,
    roster_acts,
    cases,
    settlements,
    referrals,
    second_objections,
    papers,
    decision_lists,
    signed_lists,
    rises,
    parameter_drafts,
    case_extensions,
    case_mandates,
    case_enclosures,
    case_payees,
    entitlement_changes,
    case_objections,
    case_survey,
    checks,
    case_rechecks,
    case_events,
    kin,
    delegations,
    quality,
    reference,
    procedures,
    accounts,
    grants,
    audit_events,
]
