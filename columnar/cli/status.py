"""`columnar status`."""

from __future__ import annotations

from columnar.cli.arguments import AsJson, JobFile


def status(job: JobFile, as_json: AsJson = False) -> None:
    """Show how far a job is: runs, outcomes, quarantine by reason, what is left, what changed since.

    Reads the target's books and counts the source; changes nothing.

    \b
    columnar status job.yaml
    columnar status job.yaml --json
    """
    from columnar.cli.output import print_json, print_text
    from columnar.cli.selection import job_of
    from columnar.cli.status_text import status_text
    from columnar.looking.report import next_of_status
    from columnar.looking.status import job_status

    spec = job_of(job)
    found = job_status(spec)
    following = next_of_status(found, spec, str(job))
    if as_json:
        print_json({**found.as_dict(), "next": following})
    else:
        print_text(status_text(found, following, keyed=spec.duplicates is not None))
