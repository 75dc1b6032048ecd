"""Words of referrals."""

import enum


class ReferralStatus(enum.StrEnum):
    """Where a referral stands."""

    WAITING = "waiting"  # for the office that it was sent to
    TAKEN_IN = "taken_in"  # accepted; who it is, is not known yet
    CASE = "case"  # accepted, and a case of the scheme goes on
    REFUSED = "refused"
    CLOSED = "closed"  # aided, and never identified


LIVE = (ReferralStatus.WAITING, ReferralStatus.TAKEN_IN)


class FoundBy(enum.StrEnum):
    """Who found somebody."""

    POLICE = "police"
    URBAN_MANAGEMENT = "urban_management"
    STATION = "station"  # a rescue station, or a shelter of the street
    COMMUNITY = "community"
    HOSPITAL = "hospital"
    DEPARTMENT = "department"
    CITIZEN = "citizen"
    SELF = "self"  # came by themselves


class ReferralStep(enum.StrEnum):
    """What happened to a referral."""

    REFERRED = "referred"
    HANDED_ON = "handed_on"
    FOUND = "found"  # in the registry, by their number
    TAKEN_IN = "taken_in"
    CASE_BEGUN = "case_begun"
    REFUSED = "refused"
    CLOSED = "closed"


class AidEnd(enum.StrEnum):
    """How the aid of somebody ended who was never identified."""

    LEFT = "left"
    RETURNED = "returned"  # brought home, or to where they came from
    HOSPITAL = "hospital"
    INSTITUTION = "institution"  # placed in care
    POLICE = "police"
    DIED = "died"
