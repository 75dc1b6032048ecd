"""The registry's tables: what departments sent, and the people and households merged from it."""

from relief.registry.models.decision import LinkDecision
from relief.registry.models.merged import (
    AidYear,
    Enrolment,
    Household,
    HouseholdCounter,
    IdentityRegistry,
    LinkReview,
    Membership,
    Person,
)
from relief.registry.models.source import (
    ImportBatch,
    RejectedRow,
    SourceIdentity,
    SourceLink,
    SourceRecord,
)

__all__ = [
    "AidYear",
    "Enrolment",
    "Household",
    "HouseholdCounter",
    "IdentityRegistry",
    "ImportBatch",
    "LinkDecision",
    "LinkReview",
    "Membership",
    "Person",
    "RejectedRow",
    "SourceIdentity",
    "SourceLink",
    "SourceRecord",
]
