"""The doctor: every disagreement of registry and disk made for real, then found, mended and gone (tenancy.md T29)."""

import json
import os
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from portal import clock
from portal.cli import asked
from portal.control.models import AuditEntry, Backup, Operation, Tenant
from portal.extensions import db
from portal.kit import files
from portal.provisioning import TenantDatabaseManager, asking, backups, careful, operations, template
from portal.provisioning.create import Create
from portal.provisioning.doctor import examine, quarantine, repair, scene
from portal.provisioning.ledger import Ledger
from portal.tenancy.databases import sqlite
from tests.backed_up import backed_up, kept
from tests.consoles import tenant_of
from tests.provisioned import (
    answer_of,
    change,
    checksums,
    database,
    folder,
    query,
    register,
    request_again,
    seen_operation,
    seen_tenant,
)


@pytest.fixture
def old(monkeypatch):
    """Every file is old enough to belong to nobody who is at work."""
    monkeypatch.setattr(scene, "YOUNG_SECONDS", 0)


def seen() -> list[tuple[str, str]]:
    """What is found now: the kind and the subject of each."""
    return [finding.key for finding in examine()]


def mended() -> dict[str, str]:
    """Repair all that is found; each subject with why it was not, or nothing."""
    return {finding.subject: problem for finding, problem in repair(examine())}


def quarantined() -> list[str]:
    """The names of everything in quarantine."""
    return sorted(path.name for path in quarantine.folder().glob("*/*"))


def backups_folder() -> Path:
    return folder().parent / "backups"


def change_row(**values) -> None:
    """Change the registry's row of city-general behind the portal's back."""
    db.session.execute(sa.update(Tenant).where(Tenant.subdomain == "city-general").values(values))
    db.session.commit()


def test_a_healthy_portal_with_backups_and_two_hospitals_has_nothing(in_app, two_hospitals, old):
    backed_up()
    assert examine() == []


def test_examining_changes_nothing(in_app, two_hospitals, old):
    database().rename(database("nobody"))
    (folder() / "build_1").touch()
    before = {path: path.stat().st_mtime_ns for path in folder().rglob("*")}
    assert len(examine()) > 2
    assert {path: path.stat().st_mtime_ns for path in folder().rglob("*")} == before
    assert not quarantine.folder().exists()


def test_a_lost_database_is_told_and_left_to_people_until_it_is_restored(in_app, hospital, old):
    made = backed_up()
    database().unlink()
    [finding] = examine()
    assert (finding.kind, finding.severity, finding.mend) == ("database-missing", "error", None)
    assert finding.sentence == "The database of City General Hospital cannot be found."
    assert "flask tenant restore city-general" in finding.cure
    assert mended() == {}
    TenantDatabaseManager.restore_hospital_database("city-general", made.reference)
    assert examine() == []


def test_a_database_of_nobody_goes_to_quarantine_with_all_that_belongs_to_it(in_app, hospital, old):
    source, target = database(), database("former")
    for suffix in ("", "-wal"):
        shutil.copy2(source, target.with_name(target.name + suffix))
    change(target, "UPDATE core_identity SET tenant_uuid = 'somebody else'")
    before = checksums(target)
    shutil.copy2(source, target.with_name(target.name + "-wal"))
    assert ("database-of-nobody", "hospital_former.db") in seen()
    assert set(mended().values()) == {""}
    assert examine() == []
    [kept_at] = quarantine.folder().glob("*/hospital_former.db")
    assert "hospital_former.db-wal" in quarantined()
    kept_at.with_name(kept_at.name + "-wal").unlink()
    assert checksums(kept_at) == before
    entry = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.action, entry.details) == ("repair", {"kind": "database-of-nobody", "subject": "hospital_former.db"})
    assert mended() == {}


def test_quarantine_on_another_disk_copies_before_it_removes(in_app, hospital, old, monkeypatch):
    shutil.copy2(database(), database("former"))
    documents = folder() / files.FOLDER / str(uuid4()) / "ab"
    documents.mkdir(parents=True, mode=0o700)
    (documents / ("ab" * 16)).write_bytes(b"letter")
    real = Path.rename

    def refused(self, target):
        if quarantine.folder() in Path(target).parents:
            raise OSError(18, "Invalid cross-device link")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", refused)
    mended()
    assert examine() == []
    assert "hospital_former.db" in quarantined()
    [letter] = quarantine.folder().rglob("ab" * 16)
    assert letter.read_bytes() == b"letter"
    assert not documents.parent.exists()


def test_a_full_disk_keeps_what_was_to_go_to_quarantine_where_it_is(in_app, hospital, old, monkeypatch):
    shutil.copy2(database(), database("former"))
    before = checksums(database("former"))

    def full(source, target):
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", lambda *_names: (_ for _ in ()).throw(OSError(18, "cross-device")))
    monkeypatch.setattr(quarantine, "copy_file", full)
    assert mended() == {"hospital_former.db": "The disk is full."}
    assert checksums(database("former")) == before
    assert quarantined() == []
    assert ("database-of-nobody", "hospital_former.db") in seen()
    assert db.session.scalar(sa.select(AuditEntry.id).where(AuditEntry.action == "repair")) is None


def test_a_database_under_another_name_gets_its_own_back_and_the_hospital_answers(in_app, app, two_hospitals, old):
    before = checksums(database())
    database().rename(database("city-generel"))
    assert seen() == [("database-missing", "city-general"), ("misnamed", "hospital_city-generel.db")]
    mended()
    assert examine() == []
    assert checksums(database()) == before
    assert answer_of(app).status_code == 302


def test_a_database_whose_log_is_under_another_name_is_brought_together_by_people(in_app, hospital, old):
    database().rename(database("city-generel"))
    left = folder() / "hospital_city-general.db-wal"
    left.write_bytes(b"the last that was saved")
    left.chmod(0o600)
    assert sorted(seen()) == [
        ("database-missing", "city-general"),
        ("misnamed", "hospital_city-generel.db"),
        ("side-file-alone", "hospital_city-general.db-wal"),
    ]
    assert mended() == {}


def test_what_was_saved_last_comes_along_when_a_database_gets_its_name_back(in_app, hospital, old):
    writer = sqlite3.connect(database())
    writer.execute("UPDATE core_sequence SET value = 41 WHERE name = 'mrn'")
    writer.commit()
    for part in folder().glob("hospital_city-general.db*"):
        shutil.copy2(part, folder() / part.name.replace("general", "generel"))
    assert database("city-generel").with_name("hospital_city-generel.db-wal").stat().st_size
    writer.close()
    for part in folder().glob("hospital_city-general.db*"):
        part.unlink()
    assert mended() == {"hospital_city-generel.db": ""}
    assert examine() == []
    assert query(database(), "SELECT value FROM core_sequence WHERE name = 'mrn'") == [(41,)]


def test_a_second_name_of_a_database_is_removed_and_the_database_stays(in_app, app, hospital, old):
    os.link(database(), database("city-generel"))
    assert seen() == [("second-name", "hospital_city-generel.db")]
    mended()
    assert examine() == []
    assert answer_of(app).status_code == 302


def test_two_databases_under_each_others_names_are_told_and_not_touched(in_app, two_hospitals, old):
    aside = folder() / "aside"
    database().rename(aside)
    database("lakeside").rename(database())
    aside.rename(database("lakeside"))
    assert [finding.kind for finding in examine()] == ["other-hospital", "other-hospital"]
    assert mended() == {}
    assert quarantined() == []


def test_a_database_in_the_way_of_a_hospital_that_never_had_one_is_set_aside_and_it_can_be_created(in_app, old):
    tenant_id, _none = register(with_database=False)
    change(database(), "CREATE TABLE somebody_elses (id INTEGER)")
    database().chmod(0o600)
    assert seen() == [("other-hospital", "city-general")]
    assert mended() == {"city-general": ""}
    assert examine() == []
    assert quarantined() == ["hospital_city-general.db"]
    assert operations.perform(request_again(tenant_id))
    assert seen_tenant(tenant_id).status == "ready"


def test_a_database_that_a_dead_worker_had_published_is_put_into_use(in_app, app, old, monkeypatch):
    tenant_id, operation_id = register()
    monkeypatch.setattr(Create, "registered", lambda *_args: (_ for _ in ()).throw(OSError("gone")))
    assert operations.perform(operation_id)
    monkeypatch.undo()
    monkeypatch.setattr(scene, "YOUNG_SECONDS", 0)
    assert seen() == [("not-in-use", "city-general")]
    assert mended() == {"city-general": ""}
    assert examine() == []
    assert seen_tenant(tenant_id).status == "ready"
    assert answer_of(app).status_code == 302


def test_a_copy_that_a_dead_worker_had_published_is_put_into_use(in_app, app, hospital, old, monkeypatch):
    def publish_and_die(self, *args):
        published(self, *args)
        raise OSError("gone")

    published = sqlite.SqliteDatabases.publish
    monkeypatch.setattr(sqlite.SqliteDatabases, "publish", publish_and_die)
    copy = careful.request_clone(tenant_of("city-general"), "City Trial", "city-trial")
    db.session.commit()
    tenant_id = copy.tenant_id
    assert operations.perform(copy.id)
    monkeypatch.setattr(sqlite.SqliteDatabases, "publish", published)
    assert seen() == [("not-in-use", "city-trial")]
    assert mended() == {"city-trial": ""}
    assert examine() == []
    assert seen_tenant(tenant_id).status == "ready"
    assert answer_of(app, "city-trial").status_code == 302


def test_an_older_copy_in_the_place_of_the_database_is_told_and_left_to_people(in_app, hospital, old):
    change(database(), "UPDATE core_identity SET generation = 'an older one'")
    [finding] = examine()
    assert (finding.kind, finding.severity, finding.mend) == ("other-generation", "error", None)
    assert mended() == {}


@pytest.mark.parametrize("content", [b"nothing of a database" * 300, b""])
def test_a_database_that_cannot_be_read_or_says_nothing_is_told(in_app, hospital, old, content):
    for part in folder().glob("hospital_city-general.db*"):
        part.unlink()
    database().write_bytes(content)
    database().chmod(0o600)
    [finding] = examine()
    assert finding.kind == ("database-unreadable" if content else "other-hospital")
    assert finding.mend is None


def test_a_database_that_somebody_keeps_busy_is_held_against_nobody(in_app, hospital, old, monkeypatch):
    def busy(_engine):
        raise sa.exc.OperationalError("SELECT", {}, sqlite3.OperationalError("database is locked"))

    monkeypatch.setattr(scene, "read_stamp", busy)
    assert examine() == []


def test_side_files_without_their_database_are_kept_in_quarantine_for_they_may_hold_what_was_saved(in_app, old):
    for suffix in ("-wal", "-shm", "-journal"):
        path = folder() / f"hospital_former.db{suffix}"
        path.write_bytes(b"saved")
        path.chmod(0o600)
    assert len(seen()) == 3
    mended()
    assert examine() == []
    assert quarantined() == [f"hospital_former.db{suffix}" for suffix in ("-journal", "-shm", "-wal")]


def test_builds_and_templates_that_nobody_needs_are_removed(in_app, hospital, old):
    for name in ("build_1", "build_1-wal", "build_2-shm", "template_0123456789abcdef.db"):
        (folder() / name).touch(mode=0o600)
    assert sorted(kind for kind, _name in seen()) == ["build-left"] * 3 + ["template-old"]
    mended()
    assert examine() == []
    assert template.has_template()
    assert database().exists()


def test_documents_of_no_hospital_go_to_quarantine_and_those_of_a_hospital_stay(in_app, hospital, old):
    theirs, nobodys = folder() / files.FOLDER / hospital.uuid, folder() / files.FOLDER / str(uuid4())
    for place in (theirs, nobodys):
        files.make_folder(place)
        (place / "letter").touch(mode=0o600)
    assert seen() == [("documents-of-nobody", nobodys.name)]
    mended()
    assert examine() == []
    assert (theirs / "letter").exists()
    assert quarantined() == [nobodys.name]


def test_a_backup_whose_file_is_gone_is_called_damaged_and_never_forgotten(in_app, hospital, old):
    made = backed_up()
    path = backups_folder() / hospital.uuid / made.filename
    aside = path.rename(path.with_suffix(".away"))
    assert seen() == [("backup-gone", made.reference)]
    mended()
    assert examine() == []
    row = db.session.scalars(sa.select(Backup)).one()
    assert (row.state, row.finding) == ("damaged", "The backup’s file cannot be found.")
    aside.rename(path)
    assert backups.check(row) == path, "a disk that was not mounted is mounted again"


def test_a_backup_that_no_list_knows_is_read_and_listed_again_and_can_be_restored(in_app, hospital, old):
    made = backed_up()
    db.session.execute(sa.delete(Backup))
    db.session.commit()
    assert seen() == [("backup-unlisted", made.filename)]
    mended()
    assert examine() == []
    row = db.session.scalars(sa.select(Backup)).one()
    for name in ("reference", "sha256", "counts", "generation", "reason", "made_at", "kept_until"):
        assert getattr(row, name) == getattr(made, name), name
    db.session.rollback()
    TenantDatabaseManager.restore_hospital_database("city-general", made.reference)


@pytest.mark.parametrize("harm", ["changed", "no manifest", "no hospital", "manifest of another"])
def test_a_backup_that_cannot_be_listed_goes_to_quarantine(in_app, hospital, old, harm):
    made = backed_up()
    db.session.execute(sa.delete(Backup))
    db.session.commit()
    path = backups_folder() / hospital.uuid / made.filename
    if harm == "changed":
        change(path, "DELETE FROM core_sequence")
    elif harm == "no manifest":
        path.with_suffix(".json").unlink()
    elif harm == "no hospital":
        path.parent.rename(path.parent.with_name(str(uuid4())))
    else:
        path.with_suffix(".json").write_text(json.dumps({"reference": 7}))
    assert [kind for kind, _name in seen()] == ["backup-unlisted"]
    mended()
    assert examine() == []
    assert made.filename in quarantined()
    assert list(db.session.scalars(sa.select(Backup.id))) == []


def test_what_was_never_finished_of_a_backup_is_removed(in_app, hospital, old):
    made = backed_up()
    place = backups_folder() / hospital.uuid
    left = ["build_1", "build_1.json", "20200101T000000Z-0123abcd.json", "20200101T000000Z-0123abcd.unreadable"]
    for name in left:
        (place / name).touch(mode=0o600)
    long_ago = (clock.now() - timedelta(days=31)).timestamp()
    os.utime(place / left[-1], (long_ago, long_ago))
    assert sorted(kind for kind, _name in seen()) == [
        "backup-unfinished", "backup-unfinished", "manifest-alone", "unreadable-old",
    ]  # fmt: skip
    mended()
    assert examine() == []
    assert kept() == sorted([made.filename, made.filename[:-3] + ".json"])


def test_an_unreadable_database_is_kept_for_as_long_as_backups_are(in_app, hospital, old):
    backed_up()
    (backups_folder() / hospital.uuid / "20260101T000000Z-0123abcd.unreadable").touch(mode=0o600)
    assert examine() == []


def test_a_dead_worker_that_no_reaper_noticed_is_noticed(in_app, old):
    _tenant_id, operation_id = register()
    Ledger.claim(operation_id, "a worker that dies", "build_1")
    assert examine() == []
    clock.move(timedelta(seconds=13))
    assert examine() == [], "the reaper has its time"
    clock.move(timedelta(minutes=2))
    assert seen() == [("stale-lease", seen_operation(operation_id).reference)]
    mended()
    assert examine() == []
    assert seen_operation(operation_id).state == "queued"


def test_an_ended_operation_lets_its_hospital_go(in_app, hospital, old):
    tenant = tenant_of("city-general")
    tenant_id = tenant.id
    db.session.execute(sa.update(Operation).values(active_key=tenant_id))
    db.session.commit()
    assert [kind for kind, _name in seen()] == ["held-by-ended-work"]
    mended()
    assert examine() == []
    assert asking.find_active(tenant_id) is None
    db.session.rollback()
    assert operations.perform(request_again(tenant_id, "verify"))


@pytest.mark.parametrize("closed_by", [1, 4711])
def test_a_hospital_closed_for_work_that_is_over_is_opened(in_app, hospital, old, closed_by):
    epoch = tenant_of("city-general").epoch
    change_row(closed_by=closed_by)
    assert seen() == [("closed-for-ended-work", "city-general")]
    mended()
    assert examine() == []
    assert (tenant_of("city-general").closed_by, tenant_of("city-general").epoch) == (None, epoch + 1)


def test_files_and_folders_that_others_may_open_are_closed_to_them(in_app, hospital, old):
    made = backed_up()
    place = folder() / files.FOLDER / hospital.uuid
    files.make_folder(place)
    wide = [database(), backups_folder() / hospital.uuid / made.filename, backups_folder() / hospital.uuid, place]
    for path in wide:
        path.chmod(0o755)
    assert sorted(kind for kind, _name in seen()) == ["open-to-others"] * 4
    mended()
    assert examine() == []
    assert [path.stat().st_mode & 0o777 for path in wide] == [0o600, 0o600, 0o700, 0o700]


def test_nothing_of_a_hospital_with_work_under_way_is_touched(in_app, two_hospitals, old):
    made = backed_up()
    tenant_id, lakeside_id = tenant_of("city-general").id, tenant_of("lakeside").id
    uuid = tenant_of("city-general").uuid
    operation_id = request_again(tenant_id, "create")
    build = f"build_{uuid4().hex}"
    assert Ledger.claim(operation_id, "a worker", build)
    database().rename(database("city-generel"))
    for path in (folder() / build, folder() / f"{build}-wal", backups_folder() / uuid / build):
        path.touch(mode=0o600)
    (folder() / "hospital_city-general.db-wal").touch(mode=0o600)
    db.session.execute(sa.delete(Backup).where(Backup.reference == made.reference))
    db.session.commit()
    assert examine() == []
    db.session.execute(sa.update(Operation).where(Operation.id == operation_id).values(tenant_id=lakeside_id))
    db.session.commit()
    assert examine() != [], "so it was the work under way that kept them"


def test_a_name_that_work_under_way_is_about_to_give_belongs_to_somebody(in_app, two_hospitals, old):
    shutil.copy2(database(), database("new-name"))
    operation_id = request_again(tenant_of("lakeside").id, "verify")
    change_details = sa.update(Operation).where(Operation.id == operation_id)
    db.session.execute(change_details.values(details={"subdomain": "new-name"}))
    db.session.commit()
    assert examine() == []


def test_work_that_begins_between_the_look_and_the_repair_is_left_alone(in_app, hospital, old):
    change_row(closed_by=4711)
    [finding] = examine()
    request_again(tenant_of("city-general").id, "verify")
    assert [problem for _finding, problem in repair([finding])] == ["Work on it has begun meanwhile."]
    assert tenant_of("city-general").closed_by == 4711


def test_files_younger_than_ten_minutes_are_left_alone(in_app, hospital):
    backed_up()
    shutil.copy2(database(), database("former"))
    (folder() / "build_1").touch(mode=0o600)
    (backups_folder() / hospital.uuid / "build_1").touch(mode=0o600)
    assert examine() == []


def test_a_deleted_hospital_has_no_database_and_its_documents_stay(in_app, hospital, old):
    files.make_folder(folder() / files.FOLDER / hospital.uuid)
    change_row(mode="deleted")
    database().unlink()
    assert examine() == []


class Killed(BaseException):
    """The doctor's process ends here; nothing of it runs any more."""


@pytest.mark.parametrize("other_disk", [False, True])
def test_a_doctor_killed_at_any_moment_loses_nothing_and_the_next_one_finishes(
    in_app, two_hospitals, old, monkeypatch, other_disk
):
    before = backups.hash_of(database()), backups.hash_of(database("lakeside"))
    made = backed_up()
    point, passed = 0, 0

    def killing(real):
        def seam(*args, **values):
            nonlocal passed
            passed += 1
            if passed == point:
                raise Killed
            if other_disk and real is rename and quarantine.folder() in Path(args[1]).parents:
                raise OSError(18, "Invalid cross-device link")
            return real(*args, **values)

        return seam

    def harm() -> None:
        shutil.copy2(database("lakeside"), database("former"))
        database().rename(database("city-generel"))
        letter = folder() / files.FOLDER / str(uuid4()) / "letter"
        files.make_folder(letter.parent)
        letter.write_bytes(b"Dear Ines")
        letter.chmod(0o600)
        db.session.execute(sa.delete(Backup))
        db.session.commit()

    rename, copy_file = Path.rename, quarantine.copy_file
    killed = 0
    for point in range(1, 100):
        shutil.rmtree(quarantine.folder(), ignore_errors=True)
        harm()
        passed = 0
        with monkeypatch.context() as context:
            context.setattr(Path, "rename", killing(rename))
            context.setattr(Path, "unlink", killing(Path.unlink))
            context.setattr(quarantine, "copy_file", killing(copy_file))
            context.setattr(quarantine, "sync_folder", killing(quarantine.sync_folder))
            context.setattr(sqlite, "link_file", killing(sqlite.link_file))
            context.setattr(sqlite, "sync_folder", killing(sqlite.sync_folder))
            try:
                mended()
            except Killed:
                killed += 1
                db.session.rollback()
        mended()
        assert examine() == [], point
        assert (backups.hash_of(database()), backups.hash_of(database("lakeside"))) == before
        assert before[1] in {backups.hash_of(path) for path in quarantine.folder().glob("*/hospital_former.db")}
        assert b"Dear Ines" in {path.read_bytes() for path in quarantine.folder().rglob("letter")}
        assert list(db.session.scalars(sa.select(Backup.reference))) == [made.reference]
        db.session.rollback()
        if passed < point:
            break
    assert killed > 6
    assert passed < point, "the sweep came to its end"


def run(app, *options: str):
    """`flask tenant doctor` with these options."""
    return app.test_cli_runner().invoke(args=["tenant", "doctor", *options])


def test_what_one_doctor_has_done_another_need_not(in_app, hospital, old):
    shutil.copy2(database(), database("former"))
    database("former").chmod(0o644)
    found = examine()
    assert len(found) == 2
    first = repair(found)
    next(first)
    assert set(mended().values()) <= {""}
    assert [problem for _finding, problem in first] == [""]
    assert examine() == []
    assert quarantined() == ["hospital_former.db"]


def test_the_command_says_what_is_wrong_and_what_a_repair_does_and_repairs_nothing_unasked(app, hospital, old):
    shutil.copy2(app.extensions["settings"].hospitals_dir / "hospital_city-general.db",
                 former := app.extensions["settings"].hospitals_dir / "hospital_former.db")  # fmt: skip
    answer = run(app)
    assert answer.exit_code == 4
    assert "Warning: hospital_former.db belongs to no hospital." in answer.stdout
    assert "  Repair: It is moved to the quarantine folder beside the backups; nothing is deleted." in answer.stdout
    assert "1 thing does not fit together." in answer.stdout
    assert run(app, "--repair").exit_code == 2, "nobody is there to be asked"
    assert run(app, "--yes").exit_code == 2
    assert former.exists()
    answer = run(app, "--repair", "--yes")
    assert answer.exit_code == 0
    assert "hospital_former.db: repaired" in answer.stdout
    assert answer.stdout.endswith("Registry and disk fit together.\n")
    assert not former.exists()
    answer = run(app, "--repair", "--yes")
    assert (answer.exit_code, answer.stdout) == (0, "Registry and disk fit together.\n")


def test_on_a_terminal_the_command_asks_and_no_means_no(app, hospital, old, monkeypatch):
    former = app.extensions["settings"].hospitals_dir / "hospital_former.db"
    shutil.copy2(former.with_name("hospital_city-general.db"), former)
    monkeypatch.setattr(asked, "is_terminal", lambda: True)
    answer = app.test_cli_runner().invoke(args=["tenant", "doctor", "--repair"], input="n\n")
    assert (answer.exit_code, former.exists()) == (4, True)
    answer = app.test_cli_runner().invoke(args=["tenant", "doctor", "--repair"], input="y\n")
    assert (answer.exit_code, former.exists()) == (0, False)


def test_the_command_answers_in_json_and_ends_with_4_while_something_is_left_to_people(app, hospital, old):
    app.extensions["engines"].forget(hospital.uuid)
    (app.extensions["settings"].hospitals_dir / "hospital_city-general.db").unlink()
    (app.extensions["settings"].hospitals_dir / "build_1").touch(mode=0o600)
    answer = run(app, "--repair", "--yes", "--json")
    told = json.loads(answer.stdout)
    assert answer.exit_code == 4
    assert [(one["kind"], one["severity"], one["repairable"]) for one in told["findings"]] == [
        ("database-missing", "error", False),
        ("build-left", "note", True),
    ]
    assert told["repaired"] == [{"kind": "build-left", "subject": "build_1", "problem": ""}]
    assert told["left"] == 1
