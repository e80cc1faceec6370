"""Keys that the database makes, or that a contract keeps, and what a plan prints of the target."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from columnar.errors import JobError
from columnar.jobs.options import RunOptions
from columnar.running.plan_run import plan_run
from loaders.errors import TargetMismatchError
from tests.columnar.test_target import HEAD, KEYS, MADE, NAMES, world_of
from tests.columnar.world import World, little_memory

IDENTITY = """
tables:
  app:
    rows: /d/app
    columns:
      app_id: {type: int64, identity: database}
      code: "@code"
    key: [app_id]
  contact:
    rows: /d/app/contact
    parent: app
    columns:
      contact_id: {type: int32, identity: database}
      name: "@name"
    key: [app_id, contact_id]
    target: {foreign_keys: [app]}
  group:
    rows: /d/app/contact/group
    parent: contact
    load: false
    columns: {kind: "@kind"}
    key: [kind]
  phone:
    rows: /d/app/contact/group/phone
    parent: group
    columns: {number: "@number"}
    target: {foreign_keys: [contact]}
  all_phones:
    rows: //phone
    columns: {number: "@number"}
    target: {table: seen}
"""


def application(code: int, contacts: Sequence[Sequence[str]]) -> str:
    inner = ""
    for at, phones in enumerate(contacts):
        told = "".join(f"<phone number='{each}'/>" for each in phones)
        inner += f"<contact name='{code}.{at}'><group kind='g'>{told}</group></contact>"
    return f"<d><app code='{code}'>{inner}</app></d>"


def family(world: World) -> list[tuple[object, ...]]:
    return world.query(
        "SELECT code, name, kind, number FROM app JOIN contact USING (app_id)"
        " LEFT JOIN phone USING (app_id, contact_id) ORDER BY ALL"
    )


def test_the_database_makes_values_and_the_rows_below_have_them(tmp_path: Path) -> None:
    world = world_of(tmp_path, IDENTITY)
    world.insert(*((key, application(key, [["a", "b"], [], ["c"]])) for key in range(7)))
    run = world.run(duplicates="off", chunk={"rows": 3})
    assert family(world) == sorted(
        (str(key), f"{key}.{at}", kind, number)
        for key in range(7)
        for at, kind, number in ((0, "g", "a"), (0, "g", "b"), (1, None, None), (2, "g", "c"))
    )
    assert world.query("SELECT count(*), count(DISTINCT contact_id), min(contact_id) FROM contact") == [(21, 21, 1)]
    assert world.query("SELECT list(app_id ORDER BY code) FROM app") == [([1, 2, 3, 4, 5, 6, 7],)]
    assert run.proof.holds
    with world.target() as target:  # the target makes them for others, too
        target.execute("INSERT INTO app (code) VALUES ('by hand')")
        assert target.execute("DELETE FROM app WHERE code = 'by hand' RETURNING app_id").fetchone() == (8,)
    world.insert((8, application(8, [["z"]])))
    world.run(duplicates="off")
    assert world.query("SELECT app_id FROM app WHERE code = '8'") == [(9,)]


def test_values_of_an_existing_target_come_from_its_own_default(tmp_path: Path) -> None:
    world = world_of(tmp_path, IDENTITY)
    with world.target() as target:
        target.execute("CREATE SEQUENCE ids START 100 INCREMENT 10")
        target.execute("CREATE TABLE app (code VARCHAR, app_id INTEGER PRIMARY KEY DEFAULT nextval('ids'))")
        target.execute("CREATE TABLE contact (app_id INTEGER, contact_id INTEGER DEFAULT nextval('ids'), name VARCHAR)")
    world.insert((1, application(1, [["a"]])))
    with pytest.raises(TargetMismatchError, match=r"app\.app_id is INTEGER, which cannot take BIGINT"):
        world.run(duplicates="off")
    with world.target() as target:
        target.execute("DROP TABLE app")
        target.execute("CREATE TABLE app (code VARCHAR, app_id BIGINT)")
    with pytest.raises(TargetMismatchError, match=r"app\.app_id has no default, so the target cannot make its values"):
        world.run(duplicates="off")
    with world.target() as target:
        target.execute("DROP TABLE app; DROP TABLE contact")
        target.execute("CREATE TABLE app (code VARCHAR, app_id BIGINT PRIMARY KEY DEFAULT nextval('ids'))")
        target.execute(
            "CREATE TABLE contact (app_id BIGINT, contact_id INTEGER DEFAULT nextval('ids'), name VARCHAR,"
            " PRIMARY KEY (app_id, contact_id))"
        )
    world.run(duplicates="off")
    assert world.query("SELECT app_id, contact_id, number FROM phone") == [(100, 110, "a")]


def test_values_are_skipped_and_never_given_out_again(tmp_path: Path) -> None:
    class Stopped(BaseException):
        pass

    world = world_of(tmp_path, IDENTITY)
    world.insert((1, application(1, [["a"]])))

    def stop(step: str) -> None:
        if step == "before_publish":
            raise Stopped

    for _ in range(3):
        with pytest.raises(Stopped):
            world.run(RunOptions(on_step=stop), duplicates="off")
    world.run(duplicates="off")
    assert world.query("SELECT app_id FROM app") == [(4,)]


def test_a_refused_document_leaves_the_identities_of_the_others_right(tmp_path: Path) -> None:
    world = world_of(tmp_path, IDENTITY)
    with world.target() as target:
        target.execute("CREATE SEQUENCE ids")
        target.execute(
            "CREATE TABLE app (app_id BIGINT PRIMARY KEY DEFAULT nextval('ids'), code VARCHAR CHECK (code <> '3'))"
        )
    world.insert(*((key, application(key, [["a"], ["b"]])) for key in range(6)))
    world.run(duplicates="off")
    assert family(world) == sorted(
        (str(key), f"{key}.{at}", "g", number) for key in (0, 1, 2, 4, 5) for at, number in ((0, "a"), (1, "b"))
    )


def test_identity_keep_writes_the_values_of_the_contract(tmp_path: Path) -> None:
    world = world_of(
        tmp_path, IDENTITY.replace("{type: int64, identity: database}", '{path: "@code", type: int64, identity: keep}')
    )
    world.insert((1, application(41, [["a"]])))
    world.run(duplicates={})
    assert world.query("SELECT app_id FROM contact") == [(41,)]
    with world.target() as target:
        target.execute("INSERT INTO app (code) VALUES ('by hand')")
        assert target.execute("SELECT app_id FROM app WHERE code = 'by hand'").fetchone() == (1,)


def test_a_key_that_the_database_makes_does_not_tell_duplicates(tmp_path: Path) -> None:
    world = world_of(tmp_path, IDENTITY)
    world.insert((1, application(1, [])))
    with pytest.raises(JobError, match=r"the key of app \(app_id\) is made by the database"):
        world.run(duplicates={})
    for column in ("app.app_id", "contact.app_id"):
        with pytest.raises(JobError, match=f"{column} is made by the database"):
            world.run(duplicates={"on": column})
    two = tmp_path / "two"
    two.mkdir()
    composite = IDENTITY.replace("key: [app_id]\n", "key: [app_id, code]\n")
    world = world_of(two, composite.replace("foreign_keys: [app]", "table: contact"))
    world.insert((1, application(1, [])), (2, application(1, [])))
    run = world.run(duplicates={})
    assert (run.rule.on, run.receipt.duplicate) == (("code",), 1)


def test_a_parquet_target_makes_no_values(tmp_path: Path) -> None:
    world = world_of(tmp_path, IDENTITY)
    with pytest.raises(TargetMismatchError, match="which a Parquet target has not"):
        world.run(target={"url": "parquet:out"}, duplicates="off")


def test_the_plan_prints_what_a_run_makes(tmp_path: Path) -> None:
    for at, contract in enumerate((NAMES, KEYS, MADE, IDENTITY)):
        folder = tmp_path / str(at)
        folder.mkdir()
        world = world_of(folder, contract)
        job = world.job(duplicates="off")
        planned = plan_run(job)
        assert planned.problems == ()
        with world.target() as target:
            target.execute(";\n".join(planned.ddl))
        assert plan_run(world.job(duplicates="off", target={"url": "duckdb:target.duckdb"})).problems == ()
        world.insert((1, "<d/>"))
        made = "SELECT table_name, column_name, data_type, column_default FROM duckdb_columns() ORDER BY ALL"
        before = world.query(made)
        world.run(target={"url": "duckdb:target.duckdb"}, duplicates="off")
        assert [row for row in world.query(made) if not row[0].startswith("columnar_")] == before
        again = folder / "again"
        again.mkdir()
        other = world_of(again, contract)
        other.run(duplicates="off")
        assert [row for row in other.query(made) if not row[0].startswith("columnar_")] == before


NUMBERED = """
tables:
  home:
    rows: /d/home
    columns: {address_id: {type: int64, identity: database}, town: "@town"}
    key: [address_id]
    target: {table: address}
  work:
    rows: /d/work
    columns: {town: "@town", address_id: {type: int64, identity: database}}
    key: [address_id]
    target: {table: address}
  home_note:
    rows: /d/home/note
    parent: home
    columns: {told: "../@town"}
    target: {table: note}
  work_note:
    rows: /d/work/note
    parent: work
    columns: {told: "../@town"}
    target: {table: note}
"""


@pytest.mark.parametrize("little", [False, True])
def test_tables_that_share_an_identity_keep_their_rows_apart(tmp_path: Path, little: bool) -> None:
    world = world_of(tmp_path, NUMBERED)
    inner = "<work town='w{0}'><note/></work><home town='h{0}'><note/><note/></home><work town='v{0}'/>"
    world.insert(*((key, f"<d>{inner.format(key)}</d>") for key in range(40)))
    run = world.run(RunOptions(memory=little_memory() if little else None), duplicates="off", chunk={"rows": 25})
    assert run.receipt.rows == {"address": 120, "note": 120}
    wrong = "SELECT count(*) FROM note JOIN address USING (address_id) WHERE told <> town"
    assert world.query(wrong) == [(0,)]
    assert world.query("SELECT count(*) FROM note JOIN address USING (address_id)") == [(120,)]
    assert world.query("SELECT min(address_id), max(address_id) FROM address") == [(1, 120)]


def test_plan_says_what_a_parquet_target_cannot_do(tmp_path: Path) -> None:
    contract = HEAD + "tables: {app: {rows: /d/app, columns: {id: {type: int64, identity: database}}, key: [id]}}"
    world = World(tmp_path, contract)
    target = {"url": "parquet:out"}
    told = "app.id is made by the database (identity: database), which a Parquet target has not"
    assert plan_run(world.job(target=target, duplicates="off")).problems == (told,)
    with pytest.raises(TargetMismatchError) as raised:
        world.run(target=target, duplicates="off")
    assert raised.value.problems == (told,)
    assert "load into a database" in raised.value.hint
