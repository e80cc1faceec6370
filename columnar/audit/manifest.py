"""The manifest of a chunk: its files with rows, bytes and checksums. Its own checksum is in the chunk's receipt."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from columnar.errors import ColumnarError

_VERSION = 1


class ManifestError(ColumnarError):
    """A manifest that is none: it cannot be read, or says nothing that can be understood."""

    code = "manifest"


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """One file. path: below the run's folder. table: '' for stages without tables."""

    path: str
    stage: str
    table: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a run wrote of one chunk. contract: the hash. versions: of the programs that wrote it. stages: that were
    asked for, also those of which there was nothing to write. documents: of the chunk, by outcome."""

    job: str
    generation: int
    run: str
    chunk: int
    contract: str
    versions: dict[str, str]
    stages: tuple[str, ...]
    documents: dict[str, int]
    files: tuple[ManifestFile, ...]

    def as_text(self) -> str:
        """As it is written."""
        return json.dumps({"manifest": _VERSION, **asdict(self)}, indent=1) + "\n"


def read_manifest(path: Path) -> Manifest:
    """ManifestError where it cannot be."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values.pop("manifest") != _VERSION:
            raise ManifestError(f"{path}: written by a later version")
        files = tuple(ManifestFile(**each) for each in values.pop("files"))
        return Manifest(**{**values, "stages": tuple(values["stages"])}, files=files)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ManifestError(f"{path} is not a readable manifest: {error}") from error
