"""The end of a run: everything is counted again, and the run gets its row in the books."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from columnar.bookkeeping.ledger import RUN, rows
from columnar.bookkeeping.prove import Proof, prove
from columnar.bookkeeping.ranges import StoredRange
from columnar.bookkeeping.state import JobState
from columnar.errors import IntegrityError
from columnar.running.patience import Patience
from loaders.sink import Part
from loaders.source import Source


def finish_run(
    source: Source,
    state: JobState,
    stored: Sequence[StoredRange],
    tables: Sequence[str],
    *,
    run: str,
    started_at: datetime,
    on_step: Callable[[str], None],
    patience: Patience,
) -> tuple[str, Proof]:
    """Prove, store the row of columnar_run, and return the run's status (`complete` or `quarantine`) and proof.

    IntegrityError where the proof does not hold; its row is stored all the same.
    """
    proof = patience.keep_trying(lambda: prove(source, state.sink, state, stored, tables))
    on_step("proved")
    status = "integrity" if proof.problems else "quarantine" if proof.quarantined else "complete"
    row: dict[str, object] = {**state.key.columns(), "run": run, "status": status, "proof": proof.as_json()}
    row |= {"started_at": started_at, "finished_at": datetime.now(UTC)}
    state.sink.publish(f"run-{run}", [Part(RUN.name, rows(RUN, [row]))])
    on_step("run_stored")
    if proof.problems:
        hint = "something other than this program changed the target" if proof.of_the_target else ""
        raise IntegrityError(proof.problems, hint=hint)
    return status, proof
