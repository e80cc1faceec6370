"""The demonstration as text."""

from __future__ import annotations

from columnar.cli.columns import block, number, seconds
from columnar.cli.run_text import run_text
from columnar.counted import counted, plural
from columnar.demo.demonstrate import Demonstration
from columnar.jobs.job_file import read_job
from columnar.looking.report import next_commands


def demo_text(demo: Demonstration) -> str:
    """What `columnar demo` prints."""
    known = demo.expected
    made = (
        f"{plural(demo.documents, 'was', 'were')} there already"
        if demo.seconds_generating is None
        else f"invented in {seconds(demo.seconds_generating)}"
    )
    lines = [f"{counted(demo.documents, 'document')} in {demo.job_file.parent}: {made}", ""]
    lines += [run_text(demo.run, next_commands(demo.run, read_job(demo.job_file), str(demo.job_file))), ""]
    if demo.differences:
        lines += block("mismatch with what was invented", [f"  {each}" for each in demo.differences])
    else:
        lines.append(
            f"As invented: {number(known['loaded'])} to load, {counted(known['duplicate'], 'duplicate')},"
            f" {number(known['quarantined'])} broken, and every table has the rows it must have."
        )
    return "\n".join(lines).rstrip()
