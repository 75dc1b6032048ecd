"""What is read from the registry. Every query takes the reader's scope."""

from relief.registry.queries.batches import (
    BatchFilter,
    BatchRow,
    LinkReviewRow,
    RejectedRowView,
    batch_detail,
    list_batches,
    list_link_reviews,
    rejected_rows,
    replacing_rolls,
)
from relief.registry.queries.households import (
    household_detail,
    list_households,
)
from relief.registry.queries.persons import person_detail
from relief.registry.queries.rows import (
    AidRow,
    ChangeRow,
    EnrolmentRow,
    FieldRow,
    HouseholdDetail,
    HouseholdRow,
    MemberRow,
    Origin,
    PersonDetail,
    SchemeTag,
    SourceRow,
)
from relief.registry.queries.searching import HouseholdFilter, household_number

__all__ = [
    "AidRow",
    "BatchFilter",
    "BatchRow",
    "ChangeRow",
    "EnrolmentRow",
    "FieldRow",
    "HouseholdDetail",
    "HouseholdFilter",
    "HouseholdRow",
    "LinkReviewRow",
    "MemberRow",
    "Origin",
    "PersonDetail",
    "RejectedRowView",
    "SchemeTag",
    "SourceRow",
    "batch_detail",
    "household_detail",
    "household_number",
    "list_batches",
    "list_households",
    "list_link_reviews",
    "person_detail",
    "rejected_rows",
    "replacing_rolls",
]
