"""The registry's tables: what departments sent, and the people and households merged from it."""

from relief.registry.models.decision import LinkDecision
from relief.registry.models.division import UnplacedNumber
from relief.registry.models.export import Export, ExportHousehold
from relief.registry.models.merged import (
    AbsentPerson,
    AidYear,
    Enrolment,
    Household,
    HouseholdCounter,
    IdentityRegistry,
    LinkReview,
    Membership,
    Person,
    RegionAid,
)
from relief.registry.models.part import CrowdedBlock, LinkPart, MergeBasis, NewestRecord
from relief.registry.models.quality import QualityFigure
from relief.registry.models.source import (
    ImportBatch,
    RejectedRow,
    SourceIdentity,
    SourceLink,
    SourceRecord,
)

__all__ = [
    "AbsentPerson",
    "AidYear",
    "CrowdedBlock",
    "Enrolment",
    "Export",
    "ExportHousehold",
    "Household",
    "HouseholdCounter",
    "IdentityRegistry",
    "ImportBatch",
    "LinkDecision",
    "LinkPart",
    "LinkReview",
    "Membership",
    "MergeBasis",
    "NewestRecord",
    "Person",
    "QualityFigure",
    "RegionAid",
    "RejectedRow",
    "SourceIdentity",
    "SourceLink",
    "SourceRecord",
    "UnplacedNumber",
]
