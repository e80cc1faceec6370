"""A real notebook: a kernel runs its cells, and what they show is what a reader gets."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from lxml import etree
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from tests.columnar.cli.command import REPOSITORY

CELLS = (
    "from pathlib import Path\nimport columnar\n"
    "demo = columnar.demonstrate(columnar.DemoOptions(documents=60, folder=Path('demo')))",
    "demo.run",
    "columnar.status('demo/job.yaml')",
    "columnar.quarantine('demo/job.yaml', limit=3)",
    "from columnar.jobs.job_file import read_contract_file\n"
    "report = columnar.check(read_contract_file(Path('demo/contract.yaml')), [('a.xml', '<LoanRequest/>')])\nreport",
    "report.tables[0]",
    "columnar.plan('demo/job.yaml')",
)


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[list[Any]]:
    """What each cell shows."""
    folder = tmp_path_factory.mktemp("notebook")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(REPOSITORY))
        for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR"):
            patch.setenv(name, str(folder / name.lower()))
        notebook = new_notebook(cells=[new_code_cell(cell) for cell in CELLS])
        client = NotebookClient(notebook, kernel_name="python3", timeout=120, resources={"metadata": {"path": folder}})
        client.execute()
    nbformat.validate(notebook)
    return [cell.outputs for cell in notebook.cells]


def test_every_result_is_shown_as_html_and_as_a_line(outputs: list[list[Any]]) -> None:
    assert outputs[0] == []
    for cell, shown in zip(CELLS[1:], outputs[1:], strict=True):
        assert [each.output_type for each in shown] == ["execute_result"], cell
        data = shown[0].data
        assert set(data) == {"text/html", "text/plain"}
        assert etree.fromstring(data["text/html"]).get("class") == "columnar"
        assert data["text/plain"].startswith("<")
        assert "\n" not in data["text/plain"]


def test_the_run_tells_that_the_books_balance(outputs: list[list[Any]]) -> None:
    html = outputs[1][0].data["text/html"]
    assert "the books balance" in html
    assert "60 in the source" in html
    assert len(html) < 20_000
