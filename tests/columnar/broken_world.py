"""A world with documents in quarantine, and ways to mend them and to see what became of them."""

from __future__ import annotations

from pathlib import Path

from columnar.bookkeeping.prove import Proof
from columnar.looking.report import equation
from tests.columnar.world import World, document

BROKEN = "<d><app id='9'>"


def broken_world(folder: Path) -> World:
    """Twelve documents in chunks of four; 3, 6 and 7 are broken."""
    world = World(folder)
    world.insert(*((key, BROKEN if key in (3, 6, 7) else document(key)) for key in range(1, 13)))
    world.run(chunk={"rows": 4})
    return world


def mend(world: World, *keys: int, app: int | None = None) -> None:
    with world.source() as source:
        for key in keys:
            source.execute("UPDATE docs SET doc = ? WHERE k = ?", [document(key if app is None else app), key])


def became(world: World) -> dict[str, list[str]]:
    """Outcomes of each document that was tried again, oldest first."""
    found: dict[str, list[str]] = {}
    for key, outcome in world.query(
        "SELECT source_key, outcome FROM columnar_document ORDER BY least(chunk, 0) DESC, source_key"
    ):
        found.setdefault(key, []).append(outcome)
    return {key: outcomes for key, outcomes in found.items() if len(outcomes) > 1}


def outcomes(proof: Proof) -> tuple[int, int, int, int]:
    assert proof.holds
    assert equation(proof).holds
    found = proof.loaded, proof.empty, proof.duplicate, proof.quarantined
    assert proof.documents == sum(found)
    return found
