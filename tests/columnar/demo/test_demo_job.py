from importlib.resources import files

from ruamel.yaml import YAML

from columnar.demo import contract_text, job_text


def test_the_job_names_source_contract_and_target() -> None:
    job = YAML(typ="safe").load(job_text("source.duckdb", r"C:\loans\target.duckdb"))
    assert job == {
        "name": "loans",
        "source": {
            "url": "duckdb:source.duckdb",
            "table": "loan_application",
            "key": ["loan_id"],
            "document": "document",
        },
        "contract": "contract.yaml",
        "target": {"url": r"duckdb:C:\loans\target.duckdb", "create": True},
        "duplicates": {"on": ["application.application_id"]},
    }


def test_the_contract_is_package_data() -> None:
    assert (files("columnar.demo") / "contract.yaml").read_bytes() == contract_text().encode()
