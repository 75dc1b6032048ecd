"""The routes that show someone, of which each must leave one row in the log of looks."""

from tests.api.access_who import HOME, past

# Who opens one of these has looked at someone: exactly one row says so.
LOOKS = frozenset(
    {
        ("GET", "/v1/households/<uuid:household_id>"),
        ("GET", "/v1/households/<uuid:household_id>/lists"),
        ("GET", "/v1/persons/<uuid:person_id>"),
        ("GET", "/v1/persons/<uuid:person_id>/application"),
        ("GET", "/v1/cases/<uuid:case_id>"),
        ("GET", "/v1/referrals/<uuid:referral_id>"),
        ("GET", "/v1/cases/<uuid:case_id>/papers/<paper>"),
        ("GET", "/v1/cases/<uuid:case_id>/checks"),
        ("GET", "/v1/cases/<uuid:case_id>/enclosures/<uuid:enclosure_id>/content"),
        *past("/v1", {"as-of": "", "aid-months": ""}),
        *past("", {"as-of": ""}),
        ("GET", f"/v1{HOME}/years"),
        ("GET", f"{HOME}/months"),
        ("GET", "/households/<uuid:household_id>"),
        ("GET", "/households/<uuid:household_id>/lists"),
        ("GET", "/persons/<uuid:person_id>"),
        ("GET", "/persons/<uuid:person_id>/apply"),
        ("GET", "/cases/<uuid:case_id>"),
        ("GET", "/cases/referrals/<uuid:referral_id>"),
        ("GET", "/cases/<uuid:case_id>/papers/<paper>"),
        ("GET", "/cases/<uuid:case_id>/enclosures/<uuid:enclosure_id>"),
        # A question shows both people of it, and a choice of records whom they speak of.
        ("GET", "/v1/link-reviews/<uuid:review_id>"),
        ("GET", "/v1/persons/<uuid:person_id>/descriptions"),
        ("GET", "/link-reviews/<uuid:review_id>"),
        ("GET", "/persons/<uuid:person_id>/split"),
        ("GET", "/persons/<uuid:person_id>/merge"),
        # What the trail tells of someone is a look at them too.
        ("GET", "/v1/audit-trail/households/<uuid:household_id>"),
        ("GET", "/v1/audit-trail/persons/<uuid:person_id>"),
        ("GET", "/v1/audit-trail/persons/<uuid:person_id>/lookers"),
        ("GET", "/audit/households/<uuid:household_id>"),
        ("GET", "/audit/persons/<uuid:person_id>"),
        ("GET", "/audit/persons/<uuid:person_id>/lookers"),
    }
)
