"""What works in a contract and is probably not meant: found in the contract alone, or in what documents make of it."""

from transforms.lint.codes import CODES, Code, Severity
from transforms.lint.finding import Finding
from transforms.lint.lint import lint_contract
from transforms.lint.statistics import Statistics, statistics_of

__all__ = ["CODES", "Code", "Finding", "Severity", "Statistics", "lint_contract", "statistics_of"]
