"""The demonstration: invented loan documents of a measured profile, their contract and their job."""

from columnar.demo.documents import SCHEMA, generate
from columnar.demo.profile import DUPLICATES, MEASURED, REFUSALS, Kind, Profile
from columnar.demo.truth import Truth, truth

__all__ = ["DUPLICATES", "MEASURED", "REFUSALS", "SCHEMA", "Kind", "Profile", "Truth", "generate", "truth"]
