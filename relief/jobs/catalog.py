"""Every scheduled job. Deploying the code is what changes the schedule."""

from datetime import timedelta

from relief.accounts.sign_in import purge_sessions
from relief.bindings import sign_in as mini_sign_in
from relief.integrations.wechat import deliveries
from relief.jobs.cleaning import (
    purge_fault_files,
    purge_idempotency_records,
    purge_job_runs,
    remove_expired_exports,
    remove_leftovers,
)
from relief.jobs.coverage import check_calendar
from relief.jobs.deadlines import watch_deadlines
from relief.jobs.merging import queue_merge, queue_whole_merge
from relief.jobs.pauses import end_long_waits
from relief.jobs.rechecks import watch_rechecks
from relief.jobs.recognitions import watch_recognitions
from relief.jobs.referrals import watch_referrals
from relief.jobs.runner import Job
from relief.jobs.schedules import Daily, Every
from relief.jobs.sealing import anchor_audit_trail, check_audit_trail, seal_audit_trail
from relief.news import reading
from relief.visits import coverage

JOBS = (
    Job("case-deadlines", Every(timedelta(minutes=1)), watch_deadlines),
    Job("case-pauses", Every(timedelta(minutes=15)), end_long_waits),
    Job("referrals-late", Every(timedelta(minutes=5)), watch_referrals),
    Job("case-rechecks", Daily(hour=7), watch_rechecks),
    Job("case-recognitions", Daily(hour=6), watch_recognitions),
    Job("registry-merge", Every(timedelta(minutes=1)), queue_merge),
    Job("registry-whole-merge", Daily(hour=1), queue_whole_merge),
    Job("audit-seal", Every(timedelta(seconds=20)), seal_audit_trail),
    Job("audit-anchor", Every(timedelta(hours=1)), anchor_audit_trail),
    Job("audit-check", Daily(hour=2), check_audit_trail),
    Job("calendar-coverage", Daily(hour=7), check_calendar),
    Job("export-clean-up", Every(timedelta(hours=1)), remove_expired_exports),
    Job("leftover-clean-up", Every(timedelta(hours=1)), remove_leftovers),
    Job("session-clean-up", Every(timedelta(hours=1)), purge_sessions),
    Job("idempotency-clean-up", Daily(hour=3), purge_idempotency_records),
    Job("job-run-clean-up", Daily(hour=3), purge_job_runs),
    Job("fault-file-clean-up", Daily(hour=3), purge_fault_files),
    Job("mini-session-clean-up", Every(timedelta(hours=1)), mini_sign_in.purge_sessions),
    Job("helper-coverage", Every(timedelta(minutes=5)), coverage.recount),
    Job("news-reader-clean-up", Daily(hour=3), reading.forget_readers),
    Job("wechat-push-clean-up", Daily(hour=3), deliveries.purge),
)
