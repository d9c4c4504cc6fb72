"""A hospital's file opens only for its own hospital, is never made by opening, never replaced (T4, T18, T19)."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from portal.auth.models import User
from portal.control.models import AuditEntry, Tenant
from portal.extensions import db
from portal.kit.models import Sequence
from portal.tenancy.current import in_hospital
from portal.tenancy.databases.base import DatabaseDamaged, DatabaseMissing, NameTaken, WrongDatabase
from portal.tenancy.databases.opening import connect
from portal.tenancy.databases.sqlite import SIDE_FILES, SqliteDatabases
from portal.tenancy.engines import Engines, read_stamp
from portal.tenancy.names import names_of
from tests.conftest import make_hospital

USER = sa.select(User.username)
OPEN_FILES = Path("/proc/self/fd")


@pytest.fixture
def engines(in_app) -> Engines:
    """The open databases of this process."""
    return in_app.extensions["engines"]


@pytest.fixture
def databases(engines) -> SqliteDatabases:
    """The folder of hospital files."""
    return engines.databases()


@pytest.fixture
def file_of(databases):
    """Where a hospital's file lies."""
    return lambda hospital: databases.path(f"hospital_{hospital.subdomain}.db")


def put_in_place(source, target) -> None:
    """Replace a hospital's file by a copy of another one, as a careless restore would."""
    copy = target.with_name("copy")
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(source, copy)
    for suffix in SIDE_FILES:
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    copy.rename(target)


@pytest.mark.sqlite
def test_swapped_files_answer_503_in_plain_words_and_no_record(app, two_hospitals, client_with):
    city, lakeside = two_hospitals
    browsers = [client_with("patients.view", hospital=city), client_with("patients.view", hospital=lakeside)]
    folder = app.extensions["settings"].hospitals_dir
    app.extensions["engines"].close()
    one, other = (folder / f"hospital_{hospital.subdomain}.db" for hospital in two_hospitals)
    one.rename(folder / "aside")
    other.rename(one)
    (folder / "aside").rename(other)
    for browser in browsers:
        page = browser.page("/patients/", 503)
        assert "cannot be opened. Your platform administrator can see why." in page.text
        assert "admin" not in page.text.replace("administrator", "")


@pytest.mark.sqlite
@pytest.mark.parametrize("path", ["/sign-in", "/patients/"])
def test_a_file_swapped_under_open_connections_is_noticed(path, app, two_hospitals, client_with):
    browser = client_with("patients.view", hospital=two_hospitals[0])
    assert browser.get("/patients/").status_code == 200
    folder = app.extensions["settings"].hospitals_dir
    put_in_place(folder / "hospital_lakeside.db", folder / "hospital_city-general.db")
    assert browser.get(path).status_code == 503
    assert browser.get(path).status_code == 503


@pytest.mark.sqlite
def test_a_database_of_another_hospital_marks_the_hospital_and_is_audited_once(app, two_hospitals, client_with):
    browser = client_with("patients.view", hospital=two_hospitals[0])
    folder = app.extensions["settings"].hospitals_dir
    app.extensions["engines"].close()
    put_in_place(folder / "hospital_lakeside.db", folder / "hospital_city-general.db")
    assert [browser.get("/patients/").status_code for _again in range(3)] == [503, 503, 503]
    with app.app_context():
        tenant = db.session.scalar(sa.select(Tenant).where(Tenant.subdomain == "city-general"))
        assert (tenant.status, tenant.reason) == ("missing", "The database belongs to another hospital.")
        entries = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "wrong_database")).all()
        assert [entry.tenant_id for entry in entries] == [tenant.id]


@pytest.mark.sqlite
def test_a_second_connection_checks_the_stamp_too(two_hospitals, engines, file_of):
    city, lakeside = two_hospitals
    engine = engines.get(city, writing=False)
    with engine.connect() as first:
        first.execute(USER)
        put_in_place(file_of(lakeside), file_of(city))
        with pytest.raises(WrongDatabase):
            engine.connect()


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_identity SET tenant_uuid = 'somebody else'",
        "UPDATE core_identity SET generation = 'an older one'",
        "DELETE FROM core_identity",
        "DROP TABLE core_identity",
    ],
)
def test_a_stamp_that_differs_from_the_registry_is_refused(statement, hospital, engines, file_of):
    engines.close()
    with closing(sqlite3.connect(file_of(hospital))) as connection:
        connection.execute(statement)
        connection.commit()
    with pytest.raises(WrongDatabase), in_hospital(hospital):
        db.session.scalar(USER)
    assert len(engines) == 0


def test_the_registrys_next_generation_does_not_open_the_old_file(hospital, engines):
    engines.get(hospital, writing=False)
    with pytest.raises(WrongDatabase):
        engines.get(replace(hospital, generation="f" * 32), writing=False)


def test_a_new_epoch_opens_the_database_anew(hospital, engines):
    before = engines.get(hospital, writing=False)
    after = engines.get(replace(hospital, epoch=hospital.epoch + 1), writing=False)
    assert after.pool is not before.pool
    assert before.pool.checkedin() == 0


@pytest.mark.sqlite
def test_a_missing_file_is_never_made_by_opening_it(hospital, engines, file_of):
    engines.close()
    file_of(hospital).unlink()
    for _attempt in range(2):
        with pytest.raises(DatabaseMissing), in_hospital(hospital):
            db.session.scalar(USER)
    with pytest.raises(DatabaseMissing):
        connect(file_of(hospital))
    assert not file_of(hospital).exists()


@pytest.mark.sqlite
def test_a_file_deleted_under_an_open_connection_is_missing(hospital, engines, file_of):
    engine = engines.get(hospital, writing=True)
    with engine.connect() as connection:
        connection.execute(USER)
    assert engine.pool.checkedin() == 1
    file_of(hospital).unlink()
    for _attempt in range(2):
        with pytest.raises(DatabaseMissing):
            engine.connect()
    assert not file_of(hospital).exists()


@pytest.mark.sqlite
def test_a_file_replaced_by_its_own_copy_is_read_anew(hospital, engines, file_of):
    engine = engines.get(hospital, writing=False)
    put_in_place(file_of(hospital), file_of(hospital))
    with closing(sqlite3.connect(file_of(hospital))) as connection:
        connection.execute("UPDATE auth_user SET username = 'read anew'")
        connection.commit()
    with engine.connect() as connection:
        assert connection.scalar(USER) == "read anew"


@pytest.mark.sqlite
def test_a_hospital_whose_file_is_gone_answers_503_and_the_others_go_on(app, two_hospitals, client_with):
    city, lakeside = two_hospitals
    broken = client_with("patients.view", hospital=city)
    sound = client_with("patients.view", hospital=lakeside)
    assert broken.get("/patients/").status_code == 200
    path = app.extensions["settings"].hospitals_dir / "hospital_city-general.db"
    path.unlink()
    for _attempt in range(2):
        answer = broken.get("/patients/")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        assert sound.get("/patients/").status_code == 200
    assert not path.exists()


def break_header(path) -> None:
    path.write_bytes(b"no SQLite at all" + path.read_bytes()[16:])


def make_folder(path) -> None:
    path.unlink()
    path.mkdir()


BREAKAGES = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("hello " * 1000),
    "cut short": lambda path: os.truncate(path, 5000),
    "a broken header": break_header,
    "a folder": make_folder,
}


@pytest.mark.sqlite
@pytest.mark.parametrize("damage", BREAKAGES.values(), ids=BREAKAGES.keys())
def test_a_damaged_file_answers_503_even_to_people_who_are_signed_in(damage, app, hospital, client_with):
    browser = client_with("patients.view")
    app.extensions["engines"].close()
    path = app.extensions["settings"].hospitals_dir / "hospital_city-general.db"
    for suffix in SIDE_FILES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    damage(path)
    for address in ("/patients/", "/sign-in", "/nothing-here"):
        assert "cannot be opened" in browser.page(address, 503).text


@pytest.mark.sqlite
def test_another_hospitals_file_cannot_be_attached(two_hospitals, file_of):
    city, lakeside = two_hospitals
    with in_hospital(city):
        connection = db.session.connection(bind_arguments={"bind_key": "tenant"})
        with pytest.raises(sa.exc.OperationalError, match="too many attached databases"):
            connection.exec_driver_sql("ATTACH DATABASE ? AS other", (str(file_of(lakeside)),))
        db.session.rollback()
    with closing(sqlite3.connect(file_of(city))) as usual:
        usual.execute("ATTACH DATABASE ? AS other", (str(file_of(lakeside)),))


@pytest.mark.sqlite
def test_a_published_file_is_readable_by_this_user_only(hospital, file_of, databases):
    assert stat.S_IMODE(file_of(hospital).stat().st_mode) == 0o600
    with in_hospital(hospital):
        db.session.execute(sa.update(User).values(locale="en-GB"))
        sides = [file_of(hospital).with_name(file_of(hospital).name + suffix) for suffix in ("-wal", "-shm")]
        assert [stat.S_IMODE(side.stat().st_mode) for side in sides] == [0o600, 0o600]
        db.session.rollback()
    assert stat.S_IMODE(databases.folder.stat().st_mode) & 0o077 == 0


@pytest.mark.sqlite
def test_every_connection_keeps_foreign_keys_and_the_write_ahead_log(hospital, engines):
    for writing in (True, False):
        with engines.get(hospital, writing=writing).connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() >= 5000
    with in_hospital(hospital), pytest.raises(sa.exc.IntegrityError):
        db.session.execute(sa.text("UPDATE auth_user SET created_by = 999"), bind_arguments={"bind_key": "tenant"})


def count_on(app, hospital, times: int) -> None:
    """Read a counter and write what follows, as careless code does."""
    for _time in range(times):
        with app.app_context(), in_hospital(hospital):
            counter = db.session.scalar(sa.select(Sequence).where(Sequence.name == "mrn"))
            counter.value = counter.value + 1
            db.session.commit()


@pytest.mark.sqlite
def test_twenty_writers_who_read_first_lose_nothing(in_app, hospital):
    threads = [threading.Thread(target=count_on, args=(in_app, hospital, 5)) for _number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with in_hospital(hospital):
        assert db.session.scalar(sa.select(Sequence.value).where(Sequence.name == "mrn")) == 100


def test_a_writer_whose_engine_is_closed_meanwhile_still_finishes(in_app, two_hospitals, engines):
    city, lakeside = two_hospitals
    engines.opened.largest = 1
    with in_hospital(city):
        counter = db.session.scalar(sa.select(Sequence).where(Sequence.name == "mrn"))
        engines.get(lakeside, writing=False)
        counter.value = 7
        db.session.commit()
        assert db.session.scalar(sa.select(Sequence.value)) == 7


def test_readers_do_not_wait_for_a_writer(hospital, engines):
    with engines.get(hospital, writing=True).connect() as writer:
        writer.execute(sa.update(User).values(locale="xx"))
        with engines.get(hospital, writing=False).connect() as reader:
            assert reader.scalar(sa.select(User.locale)) != "xx"
        writer.rollback()


def test_a_statement_is_compiled_once_for_all_hospitals(two_hospitals, engines, databases):
    databases.compiled.clear()
    for hospital in (*two_hospitals, *two_hospitals):
        with engines.get(hospital, writing=False).connect() as connection:
            connection.execute(sa.select(User.phone).where(User.username == hospital.subdomain))
    assert len(databases.compiled) == 1
    assert len({engines.get(hospital, writing=False).dialect for hospital in two_hospitals}) == 1


def test_the_least_used_engine_is_closed(in_app, engines, two_hospitals):
    third = make_hospital(in_app, "hilltop", "Hilltop Hospital")
    engines.close()
    engines.opened.largest = 2
    city, lakeside = two_hospitals
    pools = {hospital.subdomain: engines.get(hospital, writing=False).pool for hospital in two_hospitals}
    engines.get(city, writing=False)
    engines.get(third, writing=False)
    assert len(engines) == 2
    assert pools["lakeside"].checkedin() == 0
    assert engines.get(city, writing=False).pool is pools["city-general"]
    assert engines.get(lakeside, writing=False).pool is not pools["lakeside"]


@pytest.mark.sqlite
def test_more_hospitals_than_engines_leave_no_open_files(in_app, engines, two_hospitals):
    engines.close()
    engines.opened.largest = 1
    before = len(list(OPEN_FILES.iterdir()))
    for turn in range(100):
        with engines.get(two_hospitals[turn % 2], writing=False).connect() as connection:
            assert connection.scalar(USER) == f"{two_hospitals[turn % 2].subdomain}-admin"
    assert len(list(OPEN_FILES.iterdir())) <= before + 3


def test_after_a_fork_the_parents_connections_are_left_alone(hospital, engines):
    engine = engines.get(hospital, writing=False)
    inherited = engine.pool
    engines.abandon()
    assert len(engines) == 0
    assert inherited.checkedin() == 1
    inherited.dispose()


@pytest.mark.sqlite
def test_publishing_never_replaces_a_database(hospital, databases, file_of):
    stamp = read_stamp(databases.engine(names_of("city-general", "localhost")))
    databases.start("build_other")
    with pytest.raises(NameTaken):
        databases.publish("build_other", names_of("city-general", "localhost"))
    assert read_stamp(databases.engine(names_of("city-general", "localhost"))) == stamp
    assert databases.path("build_other").exists()


@pytest.mark.sqlite
@pytest.mark.parametrize("suffix", SIDE_FILES)
def test_what_is_left_of_an_older_database_refuses_publication(suffix, databases):
    names = names_of("lakeside", "localhost")
    databases.path(names.filename + suffix).write_bytes(b"deleted patients")
    databases.start("build_new")
    with pytest.raises(NameTaken, match="older"):
        databases.publish("build_new", names)
    assert not databases.path(names.filename).exists()


@pytest.mark.sqlite
def test_a_discarded_build_leaves_nothing(databases):
    databases.start("build_half")
    for suffix in SIDE_FILES:
        databases.path("build_half" + suffix).write_bytes(b"")
    databases.discard("build_half")
    databases.discard("build_half")
    assert list(databases.folder.glob("build_half*")) == []


@pytest.mark.sqlite
@pytest.mark.parametrize("name", ["", ".", "..", "../control.db", "/etc/passwd", "a/b", "a/../../b"])
def test_a_name_never_leads_out_of_the_folder(name, databases):
    with pytest.raises(ValueError, match="not a name of a file"):
        databases.path(name)


@pytest.mark.sqlite
def test_a_folder_whose_name_looks_like_a_query_is_only_a_folder(tmp_path):
    folder = tmp_path / "a?mode=rwc#b %20"
    folder.mkdir()
    odd = SqliteDatabases(folder)
    odd.start("build_x")
    with odd.build_engine("build_x").connect() as connection:
        connection.exec_driver_sql("CREATE TABLE here (id)")
        connection.commit()
    assert odd.path("build_x").stat().st_size > 0
    with pytest.raises(DatabaseMissing):
        connect(folder / "not there")


@pytest.mark.sqlite
def test_a_damaged_file_is_told_from_a_missing_one(databases):
    databases.path("hospital_text.db").write_text("not a database, but long enough to look at" * 30)
    with pytest.raises(DatabaseDamaged):
        connect(databases.path("hospital_text.db"))


@pytest.mark.sqlite
@pytest.mark.parametrize("looks", ["looking_engine", "exists", "size", "has_log", "changed_at"])
def test_looking_at_a_database_takes_no_lock_from_those_who_write_to_it(hospital, engines, databases, file_of, looks):
    """Else the next process that closes it removes the log that is still written to, and what was saved is gone."""
    names = names_of(hospital.subdomain, "localhost")
    writing = engines.get(hospital, writing=True)
    with writing.begin() as connection:
        connection.execute(sa.update(Sequence).values(value=7))
    found = getattr(databases, looks)(names)
    if looks == "looking_engine":
        found.connect().close()
    elsewhere = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); print(*c.execute(sys.argv[2]).fetchone()); c.close()"
    )
    asked = [sys.executable, "-c", elsewhere, file_of(hospital), "SELECT value FROM core_sequence"]
    assert subprocess.run(asked, capture_output=True, check=True).stdout == b"7\n"
    with writing.begin() as connection:
        connection.execute(sa.update(Sequence).values(value=8))
    assert subprocess.run(asked, capture_output=True, check=True).stdout == b"8\n"
