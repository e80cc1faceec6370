"""docs/paths.md is true: every example on it is run, most of them by a plain XPath engine as well."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from lxml import etree

from tests.differential.shredders import make
from transforms.contract.plan import ColumnPlan, ColumnType, ContractPlan, Many, TablePlan, TypeKind
from transforms.errors import PathError
from transforms.path.model import ANY, NameTest
from transforms.path.parse import parse_row_path, parse_value_path
from transforms.path.xpath import parse_xpath
from transforms.shred import Shredded

pytestmark = pytest.mark.usefixtures("both_shredders")

PAGE = (Path(__file__).parents[2] / "docs" / "paths.md").read_text(encoding="utf-8")
FIELDS = "document|namespaces|keys|rows|path|xpath|many|separator|result|several|refused|as XPath"
FIELD = re.compile(rf"^({FIELDS}): *(.*)$")


def _examples() -> list[dict[str, str]]:
    examples = []
    for block in re.findall(r"^```example\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        example: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            match = FIELD.match(line)
            if match:
                name = match.group(1)
                example[name] = match.group(2)
            else:  # a field goes on
                example[name] += "\n" + line.removeprefix(" " * 10)
        examples.append(example)
    return examples


EXAMPLES = _examples()
IDS = [f"{number}: {example.get('path', example.get('xpath'))}" for number, example in enumerate(EXAMPLES, 1)]
IN_XPATH = [(example, name) for example, name in zip(EXAMPLES, IDS, strict=True) if "as XPath" in example]


def _namespaces(example: dict[str, str]) -> dict[str, str]:
    return json.loads(example.get("namespaces", "{}"))


def _result(example: dict[str, str]) -> list[Any]:
    return json.loads(f"[{example['result']}]")


def _shred(example: dict[str, str]) -> Shredded:
    namespaces = _namespaces(example)
    column = ColumnPlan(
        "value",
        parse_value_path(example["path"], namespaces)
        if "path" in example
        else parse_xpath(example["xpath"], namespaces),
        ColumnType(TypeKind.STRING),
        many=Many(example.get("many", "first")),
        separator=json.loads(example.get("separator", '""')),
    )
    table = TablePlan("example", parse_row_path(example["rows"], namespaces), None, (), (column,))
    plan = ContractPlan(NameTest(ANY, ANY), (table,))
    keys = {name: pa.array([value]) for name, value in json.loads(example.get("keys", "{}")).items()}
    return make(plan).shred(pa.array([example["document"]]), keys)


@pytest.mark.usefixtures("only_reference")
def test_there_are_about_forty_examples() -> None:
    assert len(EXAMPLES) >= 40
    assert len(IN_XPATH) >= 25


@pytest.mark.parametrize("example", EXAMPLES, ids=IDS)
def test_shredder_gives_the_result_shown(example: dict[str, str]) -> None:
    shredded = _shred(example)
    if "refused" in example:
        assert shredded.refused.column("reason").to_pylist() == [example["refused"]]
        assert shredded.extracts["example"].num_rows == 0
        return
    assert shredded.refused.num_rows == 0
    assert shredded.extracts["example"].column("value").to_pylist() == _result(example)
    if "several" in example:
        assert sum(shredded.several.column("cells").to_pylist()) == int(example["several"])


@pytest.mark.parametrize("example", [example for example, _ in IN_XPATH], ids=[name for _, name in IN_XPATH])
@pytest.mark.usefixtures("only_reference")
def test_xpath_engine_agrees(example: dict[str, str]) -> None:
    expression = example["path"] if example["as XPath"] == "same" else example["as XPath"]
    namespaces = _namespaces(example)
    root = etree.fromstring(example["document"])
    found = []
    for row in root.xpath(example["rows"], namespaces=namespaces):
        nodes = row.xpath(expression, namespaces=namespaces)
        texts = [nodes] if isinstance(nodes, str) else [_text(node) for node in nodes]
        found.append((texts or None) if example.get("many") == "list" else next(iter(texts), None))
    assert found == _result(example)


def _text(node: Any) -> str:
    return str(node) if isinstance(node, str) else node.xpath("string()")


MISTAKES = re.findall(r"^\| `([^`]+)` \| (.*?) \| (.*?) ?\|$", PAGE, re.MULTILINE)


@pytest.mark.usefixtures("only_reference")
def test_the_mistakes_are_found() -> None:
    assert len(MISTAKES) >= 10


@pytest.mark.parametrize(("path", "wrong", "advice"), MISTAKES, ids=[path for path, _, _ in MISTAKES])
@pytest.mark.usefixtures("only_reference")
def test_mistakes_are_reported_as_shown(path: str, wrong: str, advice: str) -> None:
    with pytest.raises(PathError) as raised:
        parse_value_path(path, {})
    assert wrong in str(raised.value)
    assert advice in raised.value.hint
