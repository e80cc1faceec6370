"""One process of a fuzzing campaign; `__main__` starts it and looks after it.

It writes where it is into a file of its own before every batch: the kernel may end the process.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import sys
import traceback
from pathlib import Path

from tests.differential.shredders import why_not_native
from tests.fuzz.campaign import Batch, Campaign, batch

BROKEN = 3  # the code of a worker that could not do its work
_HANGS_AFTER = 120  # seconds for one batch, or for one case that is made smaller


def main() -> int:
    """Run every `--step`th batch from `--first` to before `--end`; or, with `--documents`, some mutants of one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--end", type=int, required=True)
    parser.add_argument("--state", type=Path)
    parser.add_argument("--documents", help="of one batch, as START:STOP")
    options = parser.parse_args()
    if why_not_native():
        print(why_not_native(), file=sys.stderr)
        return BROKEN
    try:
        return _some(options) if options.documents else _all(options)
    except Exception:  # noqa: BLE001  shown, and told from the end of a process that was not meant
        traceback.print_exc()
        return BROKEN


def _all(options: argparse.Namespace) -> int:
    campaign = Campaign()
    for number in range(options.first, options.end, options.step):
        _note(options.state, campaign, number)
        _watch()
        campaign.run(batch(options.seed, number), _watch)
    faulthandler.cancel_dump_traceback_later()
    _note(options.state, campaign, options.end)
    return 0


def _some(options: argparse.Namespace) -> int:
    start, stop = map(int, options.documents.split(":"))
    whole = batch(options.seed, options.first)
    _watch()
    campaign = Campaign(most=0)
    campaign.run(Batch(whole.documents[start:stop], whole.plan_number, whole.text))
    return 0


def _watch() -> None:
    faulthandler.dump_traceback_later(_HANGS_AFTER, exit=True)


def _note(state: Path, campaign: Campaign, number: int) -> None:
    """Where the worker is and what it has found."""
    written = {
        "batch": number,
        "mutants": campaign.mutants,
        "accepted": campaign.accepted,
        "handed_over": campaign.handed_over,
        "kinds": dict(campaign.kinds),
        "kept": [str(each) for each in campaign.kept],
    }
    beside = state.with_suffix(".new")
    beside.write_text(json.dumps(written), encoding="utf-8")
    beside.replace(state)


if __name__ == "__main__":
    sys.exit(main())
