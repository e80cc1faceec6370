"""docs/cli.md, docs/exit-codes.md and docs/job.md say all that the program offers, and nothing else."""

from __future__ import annotations

import importlib
import pkgutil
import re
import shlex
import subprocess
import sys
from typing import Any

import pytest
import typer

import columnar
from columnar.cli.app import app, command_names
from columnar.errors import ColumnarError, ExitCode, exit_code
from loaders.errors import LoaderError
from tests.columnar.cli.command import REPOSITORY
from transforms.errors import TransformError

GROUP: Any = typer.main.get_command(app)
NAMES = command_names(GROUP)
PAGE = (REPOSITORY / "docs" / "cli.md").read_text(encoding="utf-8")
EXIT_CODES = (REPOSITORY / "docs" / "exit-codes.md").read_text(encoding="utf-8")
EVERYWHERE = {"--help", "-h"}


def _section(name: tuple[str, ...]) -> str:
    heading = f"## `columnar {' '.join(name)}`\n"
    assert heading in PAGE, f"docs/cli.md has no section {heading}"
    return PAGE.split(heading)[1].split("\n## ")[0]


def _command(name: tuple[str, ...]) -> Any:
    command = GROUP
    for word in name:
        command = command.commands[word]
    return command


def _table(section: str) -> set[str]:
    """The first cells of the table's rows: options without their values, and arguments."""
    return {cell.replace("\\|", "|").split(" ")[0] for cell in re.findall(r"(?m)^\| `([^`]+)` \|", section)}


@pytest.mark.parametrize("name", NAMES, ids=" ".join)
def test_every_command_with_every_argument_and_option_is_documented(name: tuple[str, ...]) -> None:
    offered = set()
    for parameter in _command(name).params:
        if parameter.param_type_name == "argument":
            offered.add(parameter.metavar.strip("[].").rstrip("]"))
        else:
            offered |= set(parameter.opts) - EVERYWHERE
    assert _table(_section(name)) == offered


def test_no_command_is_documented_that_there_is_not() -> None:
    assert set(re.findall(r"(?m)^## `columnar (.*)`$", PAGE)) == {" ".join(name) for name in NAMES}


@pytest.mark.parametrize("line", re.findall(r"(?m)^columnar [^\[\n]*$", PAGE.replace("columnar COMMAND", "")))
def test_every_example_can_be_typed(line: str) -> None:
    words = shlex.split(line.partition(" > ")[0])[1:]
    name = next(name for name in NAMES if tuple(words[: len(name)]) == name)
    given = words[len(name) :]
    known = {option for parameter in _command(name).params for option in parameter.opts}
    assert {word for word in given if word.startswith("--")} <= known
    with _command(name).make_context("columnar", given, resilient_parsing=False):
        pass


def test_every_command_has_a_function_in_the_library() -> None:
    """The table of the page names one for each command, and each is there."""
    rows = dict(re.findall(r"(?m)^\| `columnar ([^`]+)` \| (.*) \|$", PAGE))
    assert set(rows) == {" ".join(name) for name in NAMES}
    for functions in rows.values():
        for function in re.findall(r"columnar\.(\w+)\(", functions):
            assert function in columnar.__all__
            assert callable(getattr(columnar, function))


def test_every_exit_code_is_documented() -> None:
    rows = re.findall(r"(?m)^\| (\d) \| (\w+) \|", EXIT_CODES)
    assert rows == [(str(code.value), code.name.lower()) for code in ExitCode]


def _import_everything() -> None:
    for package in ("columnar", "loaders", "transforms"):
        for module in pkgutil.walk_packages([str(REPOSITORY / package)], f"{package}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)


def _errors(base: type[Exception]) -> set[type[Exception]]:
    found = {base}
    for error in base.__subclasses__():
        if error.__module__.split(".")[0] in ("columnar", "loaders", "transforms"):
            found |= _errors(error)
    return found


def test_every_code_of_an_error_is_documented_with_its_exit_code() -> None:
    _import_everything()
    documented = {
        code: {int(number) for number in numbers.split(", ")}
        for code, numbers in re.findall(r"(?m)^\| `(\w+)` \| ([\d, ]+) \|", EXIT_CODES)
    }
    expected: dict[str, set[int]] = {"command_line": {2}, "system": {3}, "unexpected": {3}}
    for error in _errors(ColumnarError) | _errors(LoaderError) | _errors(TransformError):
        instance = error.__new__(error)
        expected.setdefault(str(getattr(error, "code")), set()).add(int(exit_code(instance)))  # noqa: B009
    assert documented == expected


def test_the_page_of_the_job_is_up_to_date() -> None:
    generator = REPOSITORY / "docs" / "generate_job.py"
    done = subprocess.run([sys.executable, generator, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_job_on_that_page_is_one() -> None:
    from columnar.jobs.job_file import parse_job

    page = (REPOSITORY / "docs" / "job.md").read_text(encoding="utf-8")
    whole, *parts = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    parse_job(whole, name="docs/job.md", base=REPOSITORY)
    assert parts
    for part in parts:
        lines = whole
        for key in re.findall(r"(?m)^(\w+):", part):
            lines = re.sub(rf"(?ms)^{key}:.*?(?=^\w|\Z)", "", lines)
        parse_job(lines + part, name="docs/job.md", base=REPOSITORY)
