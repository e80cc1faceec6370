"""What errors of a driver mean, as a list of rules: the first that fits decides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from loaders.database.driver_error import DriverError, driver_error
from loaders.errors import LoaderError, MemoryLimitError, UnavailableError, UsageError

# States that drivers give to whatever happens: while connecting, and in general.
_VAGUE = ("08", "HY", "01")
_NO_MEMORY = "give the run more with --memory"


@dataclass(frozen=True, slots=True)
class FaultRule:
    """One rule: it fits by any of the three. states: SQLSTATEs, or their first characters. numbers: the server's own.
    text: a regular expression, where the state says nothing: names of columns and constraints stand in messages too.
    only: a regular expression that has to fit as well."""

    error: type[LoaderError]
    states: tuple[str, ...] = ()
    numbers: Sequence[int] = ()
    text: str = ""
    only: str = ""
    hint: str = ""

    def fits(self, said: DriverError) -> bool:
        """Whether this rule is about such an error."""
        if self.only and not re.search(self.only, said.message, re.IGNORECASE):
            return False
        if (self.states and said.sqlstate.startswith(self.states)) or said.number in self.numbers:
            return True
        vague = not said.sqlstate or said.sqlstate.startswith(_VAGUE)
        return bool(vague and self.text and re.search(self.text, said.message, re.IGNORECASE))


# What unixODBC itself says, whatever the database.
DRIVER_MANAGER = (
    FaultRule(
        UsageError,
        states=("IM002", "IM003"),
        text=r"can't open lib|data source name not found",
        hint="the ODBC driver is not there under that name: `odbcinst -q -d` lists those that are",
    ),
)


@dataclass(frozen=True)
class RuledFaults:
    """See loaders.database.dialect.FaultDialect. What no rule fits stops the run: UnavailableError.

    modulus: of numbers that have a finer number above the one that the rules know; 0 for none.
    """

    rules: Sequence[FaultRule] = field(repr=False)
    modulus: int = 0

    def error(self, what: str, error: BaseException) -> LoaderError:
        """See FaultDialect.error."""
        if isinstance(error, LoaderError):
            return error
        if isinstance(error, MemoryError | pa.ArrowMemoryError):
            return MemoryLimitError(f"{what}: not enough memory", hint=_NO_MEMORY)
        said = driver_error(error)
        if self.modulus:
            said = DriverError(said.sqlstate, said.number % self.modulus, said.message)
        rule = next((each for each in self.rules if each.fits(said)), FaultRule(UnavailableError))
        return rule.error(f"{what}: {said.message}", hint=rule.hint)
