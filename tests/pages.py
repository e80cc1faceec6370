"""Pages of the documentation as tests see them: their links, their code, and what their commands really print."""

from __future__ import annotations

import re
import runpy
import traceback
from collections.abc import Iterator, Sequence
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from typer.testing import CliRunner

from columnar.cli.app import app

REPOSITORY = Path(__file__).resolve().parents[1]
PAGES = sorted(
    [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").glob("*.md"), *(REPOSITORY / "examples").rglob("*.md")],
)
_FENCE = re.compile(r"^(`{3,})([^\n`]*)\n(.*?)^\1 *$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_FILE_NAME = re.compile(r"# (\S+\.(?:py|yaml))\n")
_EXIT_CODE = re.compile(r"\(exit code (\d)\)")


@dataclass(frozen=True)
class Block:
    """A fenced piece of a page. language: what stands behind the fence."""

    language: str
    text: str

    @property
    def file(self) -> str | None:
        """The name in its first line, where it is a file."""
        match = _FILE_NAME.match(self.text)
        return match[1] if match else None


@dataclass(frozen=True)
class Command:
    """A command of a `console` block, what the page says it prints, and the exit code it says."""

    line: str
    output: tuple[str, ...]
    exit_code: int


def blocks(text: str) -> list[Block]:
    """The fenced pieces of a page, in order."""
    return [Block(language.strip(), body) for _, language, body in _FENCE.findall(text)]


def prose(text: str) -> str:
    """A page without its fenced pieces."""
    return _FENCE.sub("", text)


def links(text: str) -> list[str]:
    """The targets of a page's links that are not on the web."""
    return [target for target in _LINK.findall(prose(text)) if not re.match(r"[a-z]+:", target)]


def anchors(text: str) -> set[str]:
    """What a link can name behind `#` in a page, made of its headings as GitHub makes it."""
    headings = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(console: str) -> Iterator[Command]:
    """The commands of a `console` block."""
    for part in re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]:
        line, *output = part.splitlines()
        code = _EXIT_CODE.fullmatch(output[-1]) if output else None
        yield Command(line, tuple(output[:-1] if code else output), int(code[1]) if code else 0)


def call(line: str) -> tuple[str, int]:
    """What a command prints on stdout, and its exit code: `columnar …` or `python file.py`, in this process."""
    program, *words = line.split()
    if program == "columnar":
        result = CliRunner().invoke(app, words)
        shown = "".join(traceback.format_exception(result.exception)) if not hasattr(result, "stdout") else ""
        return result.stdout + shown, result.exit_code
    if program != "python":
        raise ValueError(f"{line}: only columnar and python can be called")
    printed = StringIO()
    with redirect_stdout(printed):
        runpy.run_path(words[0], run_name="__main__")
    return printed.getvalue(), 0


def walk(text: str, folder: Path) -> list[str]:
    """Do all that a page says in a folder: write its files, call its commands. Returns what was otherwise than told."""
    problems = []
    with chdir(folder):
        for block in blocks(text):
            if block.file:
                Path(block.file).write_text(block.text, encoding="utf-8")
            for command in commands(block.text) if block.language == "console" else ():
                printed, code = call(command.line)
                if code != command.exit_code:
                    problems.append(f"{command.line}: exit code {code}, not {command.exit_code}\n{printed}")
                if not fits(printed, command.output):
                    wanted = "\n".join(command.output)
                    problems.append(f"{command.line} printed\n{printed}\nwhere the page has\n{wanted}")
    return problems


def fits(printed: str, lines: Sequence[str]) -> bool:
    """Whether a text is what a page shows: `...` is anything, as a line any number of lines. Spaces in a row count as
    one, so that a number may have one digit more."""
    pattern = ""
    for line in lines:
        words = [re.escape(word).replace(r"\.\.\.", ".*") for word in line.split()]
        pattern += "(?:.*\n)*?" if line.strip() == "..." else " ".join(words) + "\n"
    squeezed = "".join(" ".join(line.split()) + "\n" for line in printed.splitlines())
    return re.fullmatch(pattern, squeezed) is not None or not lines
