"""The staff API: one folder a feature."""

from relief.api.access.routes import blp as access
from relief.api.accounts.routes import blp as accounts
from relief.api.audit_events.routes import blp as audit_events
from relief.api.batches.routes import blp as batches
from relief.api.cases.changing import blp as entitlement_changes
from relief.api.cases.extending import blp as case_extensions
from relief.api.cases.rechecking import blp as case_rechecks
from relief.api.cases.routes import blp as cases
from relief.api.checks.routes import blp as checks
from relief.api.decision_lists.routes import blp as decision_lists
from relief.api.decisions.routes import blp as decisions
from relief.api.delegating.routes import blp as delegations
from relief.api.exports.routes import blp as exports
from relief.api.grants.routes import blp as grants
from relief.api.history.routes import blp as history
from relief.api.households.routes import blp as households
from relief.api.kin.routes import blp as kin
from relief.api.me.routes import blp as me
from relief.api.papers.routes import blp as papers
from relief.api.quality.routes import blp as quality
from relief.api.records.routes import blp as records
from relief.api.reference.routes import blp as reference
from relief.api.sessions.routes import blp as sessions
from relief.api.statistics.routes import blp as statistics
from relief.web.blueprint import Blueprint

API_BLUEPRINTS: list[Blueprint] = [
    sessions,
    me,
    households,
    exports,
    history,
    statistics,
    access,
    batches,
    records,
    decisions,
    cases,
    papers,
    decision_lists,
    case_extensions,
    entitlement_changes,
    checks,
    case_rechecks,
    kin,
    delegations,
    quality,
    reference,
    accounts,
    grants,
    audit_events,
]
