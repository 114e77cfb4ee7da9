"""The first revision: up, down and up again on both databases, equal to the tables, and never under a later release."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage.accounts import everybody, reads
from storage.database import Database, DatabaseProblem
from storage.migrating import HEAD, config, revision, upgrade
from storage.schema import metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without a table."""
    kind = request.param
    made = Database(
        request.getfixturevalue("postgres_url") if kind == "postgresql" else f"sqlite:///{tmp_path / 'e.db'}"
    )
    yield made
    made.close()


def tables(database: Database) -> set[str]:
    return set(database.read_now(lambda conn: sa.inspect(conn).get_table_names()))


def test_an_empty_database_is_brought_to_just_the_tables_of_the_schema(empty: Database) -> None:
    upgrade(empty.engine)
    assert tables(empty) == {*metadata.tables, "alembic_version"}

    def differences(conn: sa.Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(conn, opts={"compare_type": True}), metadata))

    assert empty.read_now(differences) == []


def test_upgrading_again_changes_nothing(empty: Database) -> None:
    upgrade(empty.engine)
    before = empty.read_now(revision)
    upgrade(empty.engine)
    assert empty.read_now(revision) == before == HEAD == ScriptDirectory.from_config(config()).get_current_head()


def test_down_and_up_again(empty: Database) -> None:
    upgrade(empty.engine)
    empty.write_now(lambda conn: command.downgrade(config(conn), "base"))
    assert tables(empty) == {"alembic_version"}
    upgrade(empty.engine)
    assert set(metadata.tables) <= tables(empty)


def test_staff_of_the_first_release_keep_their_accounts_and_have_chosen_no_language(empty: Database) -> None:
    empty.write_now(lambda conn: command.upgrade(config(conn), "0001"))
    add = (
        "INSERT INTO staff (id, username, name, role, duty, active, ver, password, last_step)"
        " VALUES ('s1', 'ana', 'Ana', 'worker', 'on_call', true, 3, 'argon2id', 7)"
    )
    empty.write_now(lambda conn: conn.exec_driver_sql(add))
    upgrade(empty.engine)
    (ana,) = empty.read_now(everybody)
    assert (ana.username, ana.duty, ana.version, ana.language) == ("ana", "on_call", 3, "")
    empty.write_now(lambda conn: reads(conn, "s1", "cy"))
    (ana,) = empty.read_now(everybody)
    assert ana.language == "cy"


def test_what_waits_and_what_stands_belongs_to_the_one_phone_that_each_had(empty: Database) -> None:
    empty.write_now(lambda conn: command.upgrade(config(conn), "0003"))
    add = "INSERT INTO addresses (mac, id, channel, owner_kind, owner_id, active, sealed) VALUES ({}, 'x')"
    waits = (
        "INSERT INTO outbox (id, owner_kind, owner_id, line, seq, kind, policy, priority, status, due_at, expires_at,"
        " claim, attempts, session, sealed) VALUES ({}, 1, 'cover', 'drop', 0, 'due', 1, 2, 0, 0, '', 'x')"
    )
    stands = (
        "INSERT INTO phone_messages (id, person_id, session, at, state, sealed) VALUES ('m', 'p', 's', 1, 'there', 'x')"
    )
    before = [
        add.format("'1', 'hers', 'telegram', 'person', 'p', true"),
        add.format("'2', 'anas', 'sms', 'staff', 's1', true"),
        add.format("'3', 'bens', 'sms', 'staff', 's2', false"),
        waits.format("'a', 'person', 'p', 'p'"),
        waits.format("'b', 'staff', 's1', 'anas'"),
        stands,
    ]
    empty.write_now(lambda conn: [conn.exec_driver_sql(each) for each in before])
    upgrade(empty.engine)

    def of(query: str) -> dict[str, str]:
        return dict(empty.read_now(lambda conn: [tuple(row) for row in conn.exec_driver_sql(query)]))

    assert of("SELECT id, state FROM addresses") == {"hers": "active", "anas": "active", "bens": "shut"}
    assert of("SELECT id, address_id FROM outbox") == {"a": "hers", "b": "anas"}
    assert of("SELECT id, address_id FROM phone_messages") == {"m": "hers"}
    empty.write_now(lambda conn: command.downgrade(config(conn), "0003"))
    assert {name: bool(on) for name, on in of("SELECT id, active FROM addresses").items()} == {
        "hers": True,
        "anas": True,
        "bens": False,
    }


def test_who_had_no_open_phone_is_off_cover_after_the_upgrade(empty: Database) -> None:
    empty.write_now(lambda conn: command.upgrade(config(conn), "0006"))
    add = "INSERT INTO addresses (mac, id, channel, owner_kind, owner_id, state, sealed) VALUES ({}, 'x')"
    before = ("'1', 'a', 'sms', 'staff', 'ana', 'shut'", "'2', 'b', 'telegram', 'staff', 'ana', 'active'")
    others = ("'3', 'c', 'sms', 'staff', 'ben', 'shut'", "'4', 'd', 'sms', 'person', 'her', 'shut'")
    empty.write_now(lambda conn: [conn.exec_driver_sql(add.format(each)) for each in (*before, *others)])
    upgrade(empty.engine)
    off = empty.read_now(lambda conn: [tuple(r) for r in conn.exec_driver_sql("SELECT staff_id, why FROM off_cover")])
    assert off == [("ben", "shut")]


def test_a_page_that_is_out_stays_good_on_the_phone_that_it_went_to(empty: Database) -> None:
    """And phones that were paged before count as proven; going back forgets those that nobody has proven."""
    empty.write_now(lambda conn: command.upgrade(config(conn), "0006"))
    phone = (
        "INSERT INTO addresses (mac, id, channel, owner_kind, owner_id, state, sealed)"
        " VALUES ({}, 'sms', 'staff', 's1', {}, 'x')"
    )
    waits = (
        "INSERT INTO outbox (id, owner_kind, owner_id, address_id, line, seq, kind, policy, priority, status, due_at,"
        " expires_at, claim, attempts, session, sealed)"
        " VALUES ('{0}', 'staff', 's1', 'anas', 'anas', 1, 'page', 'reconcile', 0, 'sent', 1, 2, 0, 0, '', 'x')"
    )
    alert = (
        "INSERT INTO alerts (id, ref, person_id, key, kind, tier, state, raised_at, breach_at, level, claim, ver,"
        " sealed) VALUES ('{0}', '{1}', 'p', '{1}', 'risk', 'P1', '{2}', 1, 2, 1, 3, 0, 'x')"
    )
    page = "INSERT INTO pages (id, alert_id, staff_id, level, at) VALUES ('{0}', '{1}', 's1', 0, 1)"
    before = [
        phone.format("'1', 'anas'", "'active'"),
        waits.format("a"),
        alert.format("a1", "K2A", "open"),
        alert.format("a2", "7F3", "claimed"),
        page.format("a", "a1"),
        page.format("b", "a2"),
    ]
    empty.write_now(lambda conn: [conn.exec_driver_sql(each) for each in before])
    upgrade(empty.engine)

    def rows(query: str) -> list[tuple[object, ...]]:
        return sorted(empty.read_now(lambda conn: [tuple(row) for row in conn.exec_driver_sql(query)]))

    assert rows("SELECT id, address_id, code, paging FROM pages") == [("a", "anas", "K2A", 3), ("b", "", "7F3", 2)]
    assert rows("SELECT id, state FROM addresses") == [("anas", "active")]
    empty.write_now(lambda conn: conn.exec_driver_sql(phone.format("'2', 'new'", "'new'")))
    empty.write_now(lambda conn: command.downgrade(config(conn), "0006"))
    assert rows("SELECT id, state FROM addresses") == [("anas", "active")]


def test_the_partial_indexes_are_partial(empty: Database) -> None:
    """Two resolved alerts of one key may stand; two rows of one line may be sent, one may be in the air."""
    upgrade(empty.engine)

    def where(conn: sa.Connection) -> str:
        if conn.dialect.name == "sqlite":
            query = "SELECT group_concat(sql, ';') FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        else:
            query = "SELECT string_agg(indexdef, ';') FROM pg_indexes WHERE schemaname = 'public'"
        return str(conn.exec_driver_sql(query).scalar())

    found = empty.read_now(where)
    for name in (
        "ix_addresses_one_active",
        "ix_outbox_one_in_flight",
        "ix_alerts_one_open",
        "ix_outbox_due",
        "ix_alerts_queue",
    ):
        (line,) = (line for line in found.split(";") if name in line)
        assert "WHERE" in line


def test_a_database_of_a_later_release_is_refused_and_left_alone(empty: Database) -> None:
    upgrade(empty.engine)
    empty.write_now(lambda conn: conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseProblem, match="later release"):
        upgrade(empty.engine)
    assert (
        empty.read_now(lambda conn: conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()) == "9999"
    )


def test_a_migration_that_fails_half_way_leaves_nothing(empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(*_: object) -> None:
        raise RuntimeError("the power went")

    with monkeypatch.context() as broken:
        broken.setattr("alembic.op.create_table", _after(5, half))
        with pytest.raises(RuntimeError):
            upgrade(empty.engine)
    assert tables(empty) <= {"alembic_version"}
    upgrade(empty.engine)
    assert set(metadata.tables) <= tables(empty)


def _after(count: int, then: object) -> object:
    """`op.create_table`, which fails at the call after `count`."""
    from alembic import op

    real, calls = op.create_table, []

    def create_table(*args: object, **kwargs: object) -> object:
        calls.append(1)
        return then() if len(calls) > count else real(*args, **kwargs)  # type: ignore[operator, arg-type]

    return create_table


def test_two_replicas_that_start_together_migrate_once(postgres_url: str) -> None:
    pair = (Database(postgres_url), Database(postgres_url))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda database: upgrade(database.engine), pair))
    assert set(metadata.tables) <= tables(pair[0])
    for database in pair:
        database.close()
