"""What each database account may do with each table, and which tables hold personal data.

`relief setup` grants exactly this. A table that does not stand here is nobody's but the owner's,
and a test fails; one with personal data must have row security for the web accounts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from relief.core.database_roles import REGISTRAR, DatabaseRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Letters of S(elect), I(nsert), U(pdate) and D(elete) for each account.

    `registrar`: what the web account may do while it writes a steward's decision, or the records
    that a department's system sends one by one.
    `personal`: rows speak of a person in hardship, or are one account's own.
    """

    web: str = ""
    mini: str = ""
    worker: str = ""
    audit: str = ""
    registrar: str = ""
    personal: bool = False


_REFERENCE = Table(web="S", mini="S", worker="S", registrar="S")
_MERGED = Table(web="S", worker="SIUD", registrar="SIUD", personal=True)
_SOURCE = Table(web="S", worker="SIUD", registrar="SI", personal=True)

TABLES: Mapping[str, Table] = {
    # What the seeds say; only the owner writes it.
    **dict.fromkeys(
        (
            "calendar_day",
            "calendar_year",
            "check_rule",
            "code_entry",
            "combination_rule",
            "county_standard",
            "data_provider",
            "delivery",
            "department",
            "fact_kind",
            "functional_zone",
            "functional_zone_part",
            "held_paper",
            "kin_circle",
            "number_division",
            "pause_reason",
            "procedure_event",
            "region",
            "reminder_rule",
            "scheme",
            "recognised_identity",
            "recognition_rule",
            "roster_register",
            "scheme_rule",
            "stage_owner",
        ),
        _REFERENCE,
    ),
    # Versions come from the seeds or from a signed draft; triggers keep those as they are.
    **dict.fromkeys(
        ("procedure", "procedure_stage"), Table(web="SI", mini="S", worker="S", registrar="S")
    ),
    "procedure_draft": Table(web="SIU"),
    # What one drafts and another publishes is a parameter then; triggers keep both as they are.
    "parameter": Table(web="SI", mini="S", worker="S", registrar="S"),
    "parameter_draft": Table(web="SIU"),
    # Staff. The worker reads whom to tell, and clears what ran out.
    "account": Table(web="SIU", worker="S", audit="S", registrar="S"),
    "account_region": Table(web="SID", worker="S"),
    "account_role": Table(web="SID", worker="S"),
    "delegation": Table(web="SIU", worker="S"),
    "account_totp": Table(web="SIUD", worker="S"),
    "grant_proposal": Table(web="SIU", worker="S", audit="S"),
    "password_history": Table(web="SID"),
    "recovery_code": Table(web="SIUD"),
    "sign_in_attempt": Table(web="SIUD", mini="SIUD", worker="SD"),
    "staff_session": Table(web="SIU", worker="SD"),
    # Insert-only, whoever it is; triggers refuse the rest even to the owner.
    "audit_event": Table(web="SI", mini="I", worker="SI", audit="S", registrar="SI"),
    **dict.fromkeys(("audit_seal", "audit_seal_item"), Table(web="S", worker="SI", audit="S")),
    "row_version": Table(web="S", worker="SI", audit="S", registrar="SI", personal=True),
    "access_ground": Table(web="SIU", worker="SIU", audit="S", registrar="SIU", personal=True),
    "access_request": Table(web="SIU", worker="SU", audit="S", registrar="SU", personal=True),
    # The registry is written by merges: the worker's, and those of decisions and single records.
    **dict.fromkeys(("aid_year", "enrolment", "household", "membership", "person"), _MERGED),
    # Sums, but those of a village may be one family's.
    "region_aid": _MERGED,
    "household_counter": Table(worker="SIUD", registrar="SIUD"),
    "absent_person": Table(worker="SIUD", registrar="SIUD", personal=True),
    "identity_registry": Table(worker="SIUD", registrar="SIUD", personal=True),
    "import_batch": Table(web="SIU", worker="SIU", registrar="SIU"),
    "link_decision": Table(web="S", worker="S", registrar="SIU", personal=True),
    # How the registry hangs together; the keys are digests, and no one's value.
    **dict.fromkeys(
        ("crowded_block", "link_part", "merge_basis", "newest_record"),
        Table(worker="SIUD", registrar="SIUD"),
    ),
    # Only intake and the checks ask; both act as registrar for the web.
    "unplaced_number": Table(worker="SID", registrar="SID", personal=True),
    "link_review": Table(web="S", worker="SIU", registrar="SIU", personal=True),
    # Counts by file, and no one's value.
    "quality_figure": Table(web="S", worker="SIUD", registrar="SIUD"),
    "rejected_row": Table(web="S", worker="SI", registrar="SI"),
    **dict.fromkeys(("source_identity", "source_record"), _SOURCE),
    "source_link": _MERGED,
    "secret_value": Table(web="S", worker="SIU", registrar="SI", personal=True),
    "index_key": Table(web="S", mini="SI", worker="SIUD", registrar="SI"),
    "stored_file": Table(web="SID", worker="SIUD", registrar="SI"),
    # One's own; the web notes that a file was fetched, and the worker makes and deletes it.
    "export": Table(web="SIU", worker="SIU", personal=True),
    "export_household": Table(web="S", worker="SID", personal=True),
    # Cases: written by whoever acts in one; a merge moves them with the person's records.
    # The worker enters those that one act chose from a roster.
    "aid_case": Table(web="SIU", worker="SIU", registrar="SU", personal=True),
    "case_counter": Table(web="SIU", worker="SIU"),
    "roster_act": Table(web="SIU", worker="SU", personal=True),
    "roster_place": Table(web="SI", worker="SU", personal=True),
    # Found in need, and handed to an office; its history is only added to.
    "referral": Table(web="SIU", worker="SU", personal=True),
    "referral_event": Table(web="SI", worker="S", personal=True),
    "case_paper": Table(web="SI", worker="SI", personal=True),
    "case_pause": Table(web="SIU", worker="SU", personal=True),
    "case_stage": Table(web="SIU", worker="SIU", personal=True),
    "case_decision": Table(web="SI", worker="SI", registrar="S", personal=True),
    "case_step": Table(web="SI", worker="SI", personal=True),
    # What staff file is their own; whose kin a family is, the registrar compares.
    # The worker asks the same of the cases of a signed list.
    **dict.fromkeys(
        ("kin_filing", "kin_relative"),
        Table(web="S", worker="S", registrar="SI", personal=True),
    ),
    "case_kin": Table(web="SI", worker="SI", personal=True),
    **dict.fromkeys(
        ("case_recusal", "case_survey", "kin_visit"), Table(web="SI", worker="S", personal=True)
    ),
    # An approver's own; what becomes of each case the worker writes. Who audits reads the signed
    # ones through the registrar.
    "decision_list": Table(web="SIU", worker="SU", registrar="S", personal=True),
    "decision_list_entry": Table(web="SIU", worker="SU", registrar="S", personal=True),
    # Asked for and answered once; whoever counts the clocks reads it.
    "case_extension": Table(web="SIU", worker="S", personal=True),
    # Recorded by the office of the notice, answered once; a list reads what is unanswered.
    **dict.fromkeys(
        ("case_inquiry", "case_objection"), Table(web="SIU", worker="S", personal=True)
    ),
    "case_fact": Table(web="SI", worker="SI", personal=True),
    # What a case recognised and took over from what was known: it is never changed.
    "case_recognition": Table(web="SI", worker="SI", personal=True),
    "case_prefill": Table(web="SI", worker="SI", personal=True),
    # By which entry of a register it was entered; the registrar reads for which event.
    "case_register_basis": Table(web="SI", worker="SI", registrar="S", personal=True),
    # What the checks found is answered, or gone later; an authorisation goes with its person.
    "case_finding": Table(web="SIU", worker="SIU", personal=True),
    "case_authorisation": Table(web="SI", worker="SIU", registrar="SU", personal=True),
    # What is not told yet is planned anew with each count; the worker tells it.
    "case_reminder": Table(web="SID", worker="SIUD", personal=True),
    "entitlement": Table(web="SIU", worker="SIU", registrar="SU", personal=True),
    "entitlement_change": Table(web="SIU", worker="SU", personal=True),
    "case_mandate": Table(web="SIU", worker="S", personal=True),
    "case_enclosure": Table(web="SIU", worker="S", personal=True),
    # The registrar counts who else has an account.
    "case_payee": Table(web="SIU", worker="S", registrar="S", personal=True),
    # Begun and signed by officers; what stands on its list, and what is owed, the worker writes.
    "standard_rise": Table(web="SIU", worker="SU", personal=True),
    "standard_rise_entry": Table(web="S", worker="SIU", personal=True),
    "back_pay": Table(web="S", worker="SI", personal=True),
    # The registrar reads whether an identity was found to be so again.
    "case_recheck": Table(web="SIU", worker="SIU", registrar="S", personal=True),
    # What other offices know of people: read for the checks of a case only, as registrar.
    # Which days they speak of, and which row was sent back for what, is no one's value: a steward
    # looks at it and takes files back. The worker loads them.
    "register_batch": Table(web="SU", worker="SIU", registrar="S"),
    "register_entry": Table(worker="SI", registrar="S", personal=True),
    "register_rejected_row": Table(web="S", worker="SI"),
    # Who helps whom. The registrar finds a helper wherever they help, and moves assignments.
    "helper": Table(web="SU", worker="SIU", registrar="SIU", personal=True),
    "helper_assignment": Table(web="SIU", worker="SIU", registrar="SU", personal=True),
    # Counts, but those of a village may be one family's.
    "helper_coverage": Table(web="S", worker="SIUD", personal=True),
    # What is public once it is published; the mini program counts readings and keeps no reader.
    **dict.fromkeys(("news_article", "news_version"), Table(web="SIU", mini="S")),
    "news_file": Table(web="SID", mini="S"),
    "news_read_mark": Table(mini="SI", worker="SD"),
    "news_read_count": Table(web="S", mini="SIU"),
    # Work and words on their way.
    "task": Table(web="SIU", worker="SIU"),
    "job_run": Table(web="S", worker="SIUD"),
    # The web account reads the text messages alone, for who may see what became of them.
    "outbox_message": Table(web="SI", worker="SIU", personal=True),
    "inbox_message": Table(web="SU", worker="SI", personal=True),
    "idempotency_record": Table(web="SIU", mini="SIU", worker="SD", personal=True),
    # The mini program's accounts are their own; the worker clears sessions that are over.
    **dict.fromkeys(("mini_account", "mini_consent"), Table(mini="SIU", personal=True)),
    "mini_session": Table(mini="SIU", worker="SD", personal=True),
    # Codes are staff's, bindings the phones'; who is taken apart or put together takes them along.
    "household_code": Table(web="SIU", mini="SU", worker="SU", registrar="SU", personal=True),
    "household_binding": Table(web="SU", mini="SIU", worker="SU", registrar="SU", personal=True),
    "helper_code": Table(web="SIU", mini="SU", personal=True),
    "helper_binding": Table(web="SU", mini="SIU", personal=True),
    # One token for all processes, sealed; and which pushes have come, as digests.
    "wechat_token": Table(web="SIU", mini="SIU", worker="SIU"),
    "wechat_delivery": Table(mini="SI", worker="SD"),
}

_WEB, _MINI = DatabaseRole.WEB, DatabaseRole.MINI

# Who calls which function, itself or by a policy: a function that does not stand here is nobody's
# but the owner's, and a test fails. Triggers call theirs without being asked. `household_code` and
# `household_binding` have one policy for both front ends.
CALLS: Mapping[str, frozenset[str]] = {
    # Policies.
    "viewer_regions": frozenset({_WEB}),
    "viewer_department": frozenset({_WEB}),
    "viewer_id": frozenset({_WEB, _MINI}),
    "presented_digests": frozenset({_WEB, _MINI}),
    "person_in_sight": frozenset({_WEB, _MINI}),
    # Pages of a list, and what the worker exports of one.
    "households_with_name": frozenset({_WEB, DatabaseRole.WORKER}),
    "households_with_sound": frozenset({_WEB, DatabaseRole.WORKER}),
    "households_of_scheme": frozenset({_WEB}),
    "households_named": frozenset({_WEB}),
    "households_by_help": frozenset({_WEB}),
    # The past, and what was once written on paper.
    "registry_as_of": frozenset({_WEB}),
    "last_place_of_record": frozenset({_WEB}),
    "former_members": frozenset({_WEB}),
    "place_of_record": frozenset({_WEB}),
    "genuine_paper": frozenset({_WEB}),
    # What the mini program is told of registry and staff.
    "members_with_phone": frozenset({_MINI}),
    "bound_to": frozenset({_MINI}),
    "place_of_binding": frozenset({_MINI}),
    # Within the functions above.
    "may_look_back": frozenset(),
    "row_as_of": frozenset(),
    **dict.fromkeys(
        (
            "add_seeds_by_owner",
            "add_stages_by_owner",
            "deny_change",
            "keep_case_payee",
            "keep_closed_draft",
            "keep_closed_parameter_draft",
            "keep_news_file",
            "keep_news_version",
            "keep_parameter",
            "keep_published_stage",
            "keep_published_version",
            "keep_standard_rise",
            "record_row_versions",
        ),
        frozenset[str](),
    ),
}


def rights() -> dict[str, dict[str, str]]:
    """Return table → account → letters, as `integrations.postgres.accounts.grant` takes it."""
    return {
        name: {
            DatabaseRole.WEB: table.web,
            DatabaseRole.MINI: table.mini,
            DatabaseRole.WORKER: table.worker,
            DatabaseRole.AUDIT: table.audit,
            REGISTRAR: table.registrar,
        }
        for name, table in TABLES.items()
    }
