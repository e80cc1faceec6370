"""Places for problems that were found after the contract was compiled, such as those of its SQL."""

from __future__ import annotations

from dataclasses import replace

from transforms.contract.nodes import NodeError
from transforms.contract.problems import Problems, dotted
from transforms.contract.source import read_source
from transforms.errors import ContractError


def locate(error: ContractError, text: str, *, name: str) -> ContractError:
    """The same error, its problems with file, line and column wherever their key is one of the contract in `text`.

    A problem that has a line keeps it. Line and column are those of the value.
    """
    try:
        source = read_source(text, problems=Problems(name))
    except NodeError:
        return error
    places = {dotted(path): source.value_position(path) for path in source.values}
    problems = []
    for problem in error.problems:
        line, column = places.get(problem.key, (0, 0)) if not problem.line else (problem.line, problem.column)
        problems.append(replace(problem, file=problem.file or name, line=line, column=column))
    return ContractError(problems, hint=error.hint)
