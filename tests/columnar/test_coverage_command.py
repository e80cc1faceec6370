"""What the contract reads of a job's documents, and what is new in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from columnar.audit.folder import AuditFolder, audit_folder
from columnar.audit.manifest import ManifestError
from columnar.cli.coverage_text import coverage_text
from columnar.errors import JobError
from columnar.surveying.coverage import CoverageOptions, survey_job
from columnar.surveying.survey import load, store, stored, survey_id
from tests.columnar.audit_world import AuditWorld, order

ALL = CoverageOptions(sample=None)


@pytest.fixture
def world(tmp_path: Path) -> AuditWorld:
    return AuditWorld(tmp_path, {1: order(1), 2: order(2, state="?"), 3: order(3, more=' note="x"')})


def test_what_is_not_read_and_what_lookups_do_not_know(world: AuditWorld) -> None:
    report = survey_job(world.job(), ALL)
    survey = report.survey
    assert (survey.of, survey.total, survey.documents, report.drift) == ("source", 3, 3, None)
    assert [(path, each.unread, each.example) for path, each in survey.unread] == [("/order/@note", 1, "x")]
    assert (survey.attributes, survey.texts) == ((9, 10), (6, 6))
    assert set(survey.paths) == {
        "/order/@id", "/order/@state", "/order/@note", "/order/buyer/text()", "/order/line/@number",
        "/order/line/price/text()",
    }  # fmt: skip
    assert survey.unmatched == ("orders.channel",)
    assert survey.lookups["orders.state"].known == {"N": 2}
    assert survey.lookups["orders.state"].unknown == {"?": 1}
    text = coverage_text(report)
    assert "not read: 1 of 6 paths" in text
    assert "orders.state  '?' (1)" in text


def test_what_is_new_since_the_last_survey(world: AuditWorld) -> None:
    first = survey_job(world.job(), ALL).survey
    quiet = survey_job(world.job(), ALL)
    assert quiet.drift is not None
    assert not quiet.drift.found
    assert stored(_folder(world)) == [first.id, quiet.survey.id]
    world.source("INSERT INTO docs VALUES (4, ?)", order(4, state="X", more=' vip="1" channel="app"'))
    world.source("DELETE FROM docs WHERE k = 3")
    report = survey_job(world.job(), ALL)
    drift = report.drift
    assert drift is not None
    assert (drift.new_paths, drift.gone_paths) == (("/order/@channel", "/order/@vip"), ("/order/@note",))
    assert drift.new_values == {"orders.state": ("X",)}
    assert (drift.matched_now, drift.no_longer_matched) == (("orders.channel",), ())
    text = coverage_text(report)
    assert "new path: /order/@vip, 1 value, not read" in text
    assert "new values of orders.state: 'X' (in no lookup)" in text
    again = survey_job(world.job(), CoverageOptions(sample=None, against=first.id, keep=False))
    assert again.drift is not None
    assert again.drift.earlier == first.id
    assert load(_folder(world), first.id) == first
    with pytest.raises(JobError, match="there is no survey nothing"):
        survey_job(world.job(), CoverageOptions(against="nothing"))


def test_surveys_stand_in_the_order_in_which_they_were_taken(tmp_path: Path) -> None:
    now = datetime(2026, 11, 28, 6, 17, 4, 123456, tzinfo=UTC)
    kept = ["20261128T061704-ffffff"]  # of an older version
    for taken_at in (now, now, now - timedelta(hours=1), now + timedelta(microseconds=2)):
        kept.append(survey_id(taken_at, kept))
    assert [each.partition("-")[0][-6:] for each in kept[1:]] == ["123456", "123457", "123458", "123459"]
    (tmp_path / "surveys").mkdir()
    for name in (*reversed(kept), "notes"):
        (tmp_path / "surveys" / f"{name}.json").touch()
    assert stored(AuditFolder(tmp_path)) == kept


def test_a_survey_that_cannot_be_read_is_told_before_anything_is_measured(world: AuditWorld) -> None:
    path = store(_folder(world), survey_job(world.job(), ALL).survey)
    path.write_text("{")
    with pytest.raises(ManifestError, match="is not a readable survey") as raised:
        survey_job(world.job(), ALL)
    assert "--against" in raised.value.hint


def _folder(world: AuditWorld) -> AuditFolder:
    return audit_folder(world.job())


def test_the_documents_of_one_run_only(world: AuditWorld) -> None:
    with pytest.raises(JobError, match="no run last has published"):
        survey_job(world.job(), CoverageOptions(run="last"))
    first = world.run()
    assert survey_job(world.job(), CoverageOptions(run="last")).survey.total == 3
    world.source("INSERT INTO docs VALUES (10, ?)", order(10, more=' vip="1"'))
    second = world.run()
    report = survey_job(world.job(), CoverageOptions(run="last"))
    assert (report.survey.of, report.survey.total) == (second.id, 1)
    assert report.drift is not None
    assert report.drift.new_paths == ("/order/@vip",)
    assert survey_job(world.job(), CoverageOptions(run=first.id)).survey.documents == 3


def test_a_sample_is_spread_evenly(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path, {number: order(number) for number in range(1, 31)})
    survey = survey_job(world.job(), CoverageOptions(sample=10)).survey
    assert (survey.total, survey.documents) == (30, 10)
