"""Words of the review that other rooms use too."""

import enum


class CaseStatus(enum.StrEnum):
    """Where a case stands."""

    SUBMITTED = "submitted"  # not accepted yet
    RETURNED = "returned"  # once, with the list of what is missing
    ACCEPTED = "accepted"  # under review
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


LIVE = (CaseStatus.SUBMITTED, CaseStatus.RETURNED, CaseStatus.ACCEPTED)
# Those whose whole limit runs.
RUNNING = (CaseStatus.SUBMITTED, CaseStatus.ACCEPTED)


class StageStatus(enum.StrEnum):
    """Where a stage of a case stands."""

    OPEN = "open"
    ENDED = "ended"
    LEFT_OUT = "left_out"  # the law forbids it in this case; the note says which
    VOID = "void"  # the case ended before it did


class Outcome(enum.StrEnum):
    """How a stage ended."""

    PASSED = "passed"  # 通过，同意
    OBJECTED = "objected"  # 不同意，有异议
    RETURNED = "returned"  # 一次性告知补正
    GRANTED = "granted"
    REFUSED = "refused"


class Step(enum.StrEnum):
    """What happened in a case, as its timeline tells."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    RESUBMITTED = "resubmitted"
    STAGE_OPENED = "stage_opened"
    STAGE_ENDED = "stage_ended"
    STAGE_LEFT_OUT = "stage_left_out"
    PAUSED = "paused"
    RESUMED = "resumed"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"
    KIN_DECLARED = "kin_declared"  # the applicant named someone of the staff
    KIN_FOUND = "kin_found"  # of someone of the staff, after the application was entered
    STOOD_BACK = "stood_back"
    SURVEYED = "surveyed"  # the home, by two
    KIN_VISITED = "kin_visited"
    EXTENSION_ASKED = "extension_asked"  # of somebody higher
    EXTENDED = "extended"
    EXTENSION_REFUSED = "extension_refused"
    CHANGE_PROPOSED = "change_proposed"  # of what was granted: less, or nothing
    NOTICE_SERVED = "notice_served"
    VIEWS_RECORDED = "views_recorded"
    SILENCE_RECORDED = "silence_recorded"
    CHANGE_CARRIED = "change_carried"
    CHANGE_DROPPED = "change_dropped"
    OBJECTED = "objected"  # in the notice period, by anyone
    OBJECTED_LATE = "objected_late"  # after it: kept, and stops nothing
    RESURVEY_ORDERED = "resurvey_ordered"
    RESURVEYED = "resurveyed"
    APPRAISAL_ORDERED = "appraisal_ordered"
    APPRAISED = "appraised"
    OBJECTION_UPHELD = "objection_upheld"
    OBJECTION_DISMISSED = "objection_dismissed"
    OBJECTOR_TOLD = "objector_told"
    RAISED = "raised"  # what was granted, by a new standard
    FACTS_FOUND = "facts_found"
    AUTHORISED = "authorised"  # someone of the family agreed to be checked
    CHECKED = "checked"  # and something new was found
    DOUBT_ANSWERED = "doubt_answered"
    RECOGNISED = "recognised"  # an identity confirmed before: what is not done again
    REFERRED = "referred"  # by whoever found them in need
    LISTED = "listed"  # by a register that a department delivered
    TAKEN_OVER = "taken_over"  # what was known before anybody was asked
    RECHECKED = "rechecked"  # what was granted
    EVENT_REPORTED = "event_reported"  # from outside, which starts a stage
    PAYEE_PROPOSED = "payee_proposed"  # an account to pay into, entered by one person
    PAYEE_CONFIRMED = "payee_confirmed"  # by another: it is in force
    PAYEE_REFUSED = "payee_refused"
    PAYEE_WITHDRAWN = "payee_withdrawn"
    MANDATE_RECORDED = "mandate_recorded"  # someone may act in the applicant's place
    MANDATE_REVOKED = "mandate_revoked"
    HANDED_OVER = "handed_over"  # by an agent: what, beside the act itself
    ENCLOSED = "enclosed"  # a photo, recording or PDF
    ENCLOSURE_REMOVED = "enclosure_removed"
    RECOUNTED = "recounted"  # by the platform: another calendar, another last day
