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
            "data_provider",
            "delivery",
            "department",
            "fact_kind",
            "functional_zone",
            "functional_zone_part",
            "kin_circle",
            "parameter",
            "pause_reason",
            "procedure",
            "procedure_event",
            "procedure_stage",
            "region",
            "reminder_rule",
            "scheme",
            "scheme_rule",
            "stage_owner",
        ),
        _REFERENCE,
    ),
    # Staff. The worker reads whom to tell, and clears what ran out.
    "account": Table(web="SIU", worker="S", audit="S", registrar="S"),
    "account_region": Table(web="SID", worker="S"),
    "account_role": Table(web="SID", worker="S"),
    "delegation": Table(web="SIU", worker="S"),
    "account_totp": Table(web="SIUD", worker="S"),
    "grant_proposal": Table(web="SIU", worker="S", audit="S"),
    "password_history": Table(web="SID"),
    "recovery_code": Table(web="SIUD"),
    "sign_in_attempt": Table(web="SIUD", worker="SD"),
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
    "identity_registry": Table(worker="SIUD", registrar="SIUD", personal=True),
    "import_batch": Table(web="SIU", worker="SIU", registrar="SIU"),
    "link_decision": Table(web="S", worker="S", registrar="SIU", personal=True),
    # How the registry hangs together; the keys are digests, and no one's value.
    **dict.fromkeys(
        ("crowded_block", "link_part", "merge_basis", "newest_record"),
        Table(worker="SIUD", registrar="SIUD"),
    ),
    "link_review": Table(web="S", worker="SIU", registrar="SIU", personal=True),
    # Counts by file, and no one's value.
    "quality_figure": Table(web="S", worker="SIUD", registrar="SIUD"),
    "rejected_row": Table(web="S", worker="SI", registrar="SI"),
    **dict.fromkeys(("source_identity", "source_record"), _SOURCE),
    "source_link": _MERGED,
    "secret_value": Table(web="S", worker="SIU", registrar="SI", personal=True),
    "index_key": Table(web="S", worker="SIUD", registrar="SI"),
    "stored_file": Table(web="SID", worker="SIUD", registrar="SI"),
    # One's own; the web notes that a file was fetched, and the worker makes and deletes it.
    "export": Table(web="SIU", worker="SIU", personal=True),
    "export_household": Table(web="S", worker="SID", personal=True),
    # Cases: written by whoever acts in one; a merge moves them with the person's records.
    "aid_case": Table(web="SIU", worker="SU", registrar="SU", personal=True),
    "case_counter": Table(web="SIU"),
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
    **dict.fromkeys(("case_recusal", "kin_visit"), Table(web="SI", worker="S", personal=True)),
    # An approver's own; what becomes of each case the worker writes.
    "decision_list": Table(web="SIU", worker="SU", personal=True),
    "decision_list_entry": Table(web="SIU", worker="SU", personal=True),
    # Asked for and answered once; whoever counts the clocks reads it.
    "case_extension": Table(web="SIU", worker="S", personal=True),
    "case_fact": Table(web="SI", worker="S", personal=True),
    # What the checks found is answered, or gone later; an authorisation goes with its person.
    "case_finding": Table(web="SIU", worker="SIU", personal=True),
    "case_authorisation": Table(web="SI", worker="SU", registrar="SU", personal=True),
    # What is not told yet is planned anew with each count; the worker tells it.
    "case_reminder": Table(web="SID", worker="SIUD", personal=True),
    "entitlement": Table(web="SIU", worker="SIU", registrar="SU", personal=True),
    "entitlement_change": Table(web="SIU", worker="S", personal=True),
    "case_recheck": Table(web="SIU", worker="SIU", personal=True),
    # Work and words on their way.
    "task": Table(web="SIU", worker="SIU"),
    "job_run": Table(web="S", worker="SIUD"),
    "outbox_message": Table(web="I", worker="SIU", personal=True),
    "inbox_message": Table(web="SU", worker="SI", personal=True),
    "idempotency_record": Table(web="SIU", worker="SD", personal=True),
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
