"""Every scheduled job. Deploying the code is what changes the schedule."""

from datetime import timedelta

from relief.accounts.sign_in import purge_sessions
from relief.jobs.cleaning import purge_idempotency_records, purge_job_runs
from relief.jobs.coverage import check_calendar
from relief.jobs.merging import queue_merge
from relief.jobs.runner import Job
from relief.jobs.schedules import Daily, Every

JOBS = (
    Job("registry-merge", Every(timedelta(minutes=1)), queue_merge),
    Job("calendar-coverage", Daily(hour=7), check_calendar),
    Job("session-clean-up", Every(timedelta(hours=1)), purge_sessions),
    Job("idempotency-clean-up", Daily(hour=3), purge_idempotency_records),
    Job("job-run-clean-up", Daily(hour=3), purge_job_runs),
)
