"""No hospital, no data; one session, one hospital; no record crosses over (tenancy.md T1–T3)."""

import pickle
import threading
from contextlib import contextmanager

import flask
import pytest
import sqlalchemy as sa
from flask import Flask, g
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy.orm.exc import DetachedInstanceError, StaleDataError

from portal.auth.models import Group, User
from portal.control.models import Tenant
from portal.control.models import User as PlatformUser
from portal.extensions import db
from portal.tenancy.current import (
    NoTenantError,
    WrongTenantError,
    bind,
    current_hospital,
    find_current_hospital,
    in_hospital,
    outside_hospital,
)
from portal.tenancy.session import TENANT

WHOSE = {"bind_key": TENANT}


def new_user(username: str, **values) -> User:
    """A user of a hospital, not yet added to it."""
    return User(username=username, **values)


def add_namesake(hospital, first_name: str) -> int:
    """Add the user “leila” with this first name, and answer with her id."""
    with in_hospital(hospital):
        leila = new_user("leila", first_name=first_name)
        db.session.add(leila)
        db.session.commit()
        return leila.id


@pytest.fixture
def control_statements(in_app, hospital):
    """What the control database is asked from now on."""
    heard = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *args: heard.append(args[2]))
    return heard


@pytest.fixture
def namesakes(in_app, two_hospitals) -> int:
    """One id that is one person in city-general and another in lakeside."""
    ids = {add_namesake(hospital, f"of {hospital.subdomain}") for hospital in two_hospitals}
    assert len(ids) == 1
    return ids.pop()


TOUCHES = {
    "an ORM select": lambda: db.session.scalars(sa.select(User)).all(),
    "a select of one column": lambda: db.session.scalars(sa.select(User.username)).all(),
    "get": lambda: db.session.get(User, 1),
    "a Core select": lambda: db.session.execute(sa.select(User.__table__)),
    "a Core select of one column": lambda: db.session.execute(sa.select(User.__table__.c.username)),
    "a count over a subquery": lambda: db.session.scalar(sa.select(sa.func.count(sa.select(User).subquery().c.id))),
    "an EXISTS": lambda: db.session.scalar(sa.exists().where(User.id == 1).select()),
    "a union": lambda: db.session.execute(sa.union_all(sa.select(User.username), sa.select(Group.name))).all(),
    "text": lambda: db.session.execute(sa.text("SELECT username FROM auth_user")),
    "text that names the hospital": lambda: db.session.execute(sa.text("SELECT 1"), bind_arguments=WHOSE),
    "a select without a table": lambda: db.session.execute(sa.select(sa.literal(1))),
    "text dressed as a select": lambda: db.session.execute(sa.select(sa.text("1")).select_from(sa.text("auth_user"))),
    "a connection": lambda: db.session.connection(),
    "a connection that names the hospital": lambda: db.session.connection(bind_arguments=WHOSE),
    "a flush": lambda: (db.session.add(new_user("leila")), db.session.flush()),
    "a commit of something new": lambda: (db.session.add(new_user("leila")), db.session.commit()),
    "a bulk insert": lambda: db.session.execute(sa.insert(User), [{"username": "a"}, {"username": "b"}]),
    "a bulk insert of mappings": lambda: db.session.bulk_insert_mappings(User, [{"username": "a"}]),
    "a bulk update": lambda: db.session.execute(sa.update(User).values(is_active=False)),
    "a bulk update of mappings": lambda: db.session.bulk_update_mappings(User, [{"id": 1, "version": 1}]),
    "a Core insert": lambda: db.session.execute(sa.insert(User.__table__).values(username="a")),
    "a Core delete": lambda: db.session.execute(sa.delete(User.__table__)),
    "a page of a list": lambda: db.paginate(sa.select(User)),
}  # fmt: skip


@pytest.mark.parametrize("touch", TOUCHES.values(), ids=TOUCHES.keys())
def test_hospital_data_outside_a_hospital_is_refused_and_the_control_database_never_asked(touch, control_statements):
    with pytest.raises(NoTenantError):
        touch()
    db.session.rollback()
    assert control_statements == []


def test_the_control_plane_answers_outside_a_hospital(control_statements):
    assert db.session.scalar(sa.select(Tenant.subdomain)) == "city-general"
    assert db.session.scalar(sa.text("SELECT count(*) FROM control_tenant"), bind_arguments={"bind_key": None}) == 1
    assert control_statements


@pytest.mark.parametrize("touch", TOUCHES.values(), ids=TOUCHES.keys())
def test_inside_a_hospital_only_a_statement_without_a_table_is_refused(touch, in_app, hospital, request):
    unsaid = {"text", "a select without a table", "text dressed as a select", "a connection"}
    with in_hospital(hospital):
        if request.node.callspec.id in unsaid:
            with pytest.raises(NoTenantError):
                touch()
        else:
            try:
                touch()
            except (sa.exc.IntegrityError, StaleDataError):
                pass  # The statement reached the hospital, whose columns want more than this.
        db.session.rollback()


def test_a_lazy_load_outside_the_hospital_is_refused(in_app, hospital):
    with left_open_in(hospital) as (session, user), pytest.raises(WrongTenantError):
        session.get(User, user.id)
    with left_open_in(hospital) as (_session, user), pytest.raises((NoTenantError, WrongTenantError)):
        _ = user.groups
    with left_open_in(hospital) as (session, user):
        session.expire(user)
        with pytest.raises(NoTenantError):
            _ = user.first_name


def test_a_record_that_outlives_its_hospital_loads_nothing_more(in_app, hospital):
    with in_hospital(hospital):
        user = db.session.scalar(sa.select(User))
    with pytest.raises(DetachedInstanceError):
        _ = user.groups


@contextmanager
def left_open_in(hospital):
    """A session of the hospital, with its first user, that is still open after the hospital was left."""
    with in_hospital(hospital):
        session = db.session.session_factory()
        user = session.scalar(sa.select(User))
    try:
        yield session, user
    finally:
        session.close()


@pytest.mark.parametrize(
    "both",
    [
        lambda: sa.select(User.__table__.c.id, Tenant.__table__.c.id),
        lambda: sa.select(User.__table__).where(User.__table__.c.id.in_(sa.select(Tenant.__table__.c.id))),
        lambda: sa.insert(User.__table__).from_select(["username"], sa.select(Tenant.__table__.c.name)),
    ],
    ids=["a join", "a subquery", "an insert from a select"],
)
def test_one_statement_never_reads_a_hospital_and_the_control_plane(both, in_app, hospital):
    with in_hospital(hospital), pytest.raises(WrongTenantError):
        db.session.execute(both())


def test_a_query_of_models_from_both_databases_finds_no_such_table(in_app, hospital):
    with in_hospital(hospital), pytest.raises(sa.exc.DBAPIError, match="control_tenant"):
        db.session.execute(sa.select(User, Tenant.name).join(Tenant, Tenant.id == User.id))


def test_inside_a_hospital_the_control_plane_is_out_of_reach_of_the_session(in_app, hospital):
    with in_hospital(hospital):
        with pytest.raises(WrongTenantError, match="outside_hospital"):
            db.session.get(Tenant, 1)
        with outside_hospital():
            assert db.session.get(Tenant, 1).subdomain == "city-general"
        assert db.session.scalar(sa.select(User.username)) == "city-general-admin"


def test_another_hospital_cannot_be_bound_in_the_same_context(in_app, two_hospitals):
    city, lakeside = two_hospitals
    with in_hospital(city):
        with pytest.raises(WrongTenantError):
            bind(lakeside, writing=True)
        with pytest.raises(WrongTenantError), in_hospital(lakeside):
            pytest.fail("entered a hospital inside another")
        assert current_hospital() is city


def test_entering_the_same_hospital_again_changes_nothing(in_app, hospital):
    with in_hospital(hospital):
        user = db.session.scalar(sa.select(User))
        with in_hospital(hospital) as again:
            assert again is current_hospital()
            assert db.session.get(User, user.id) is user
        assert user in db.session


def test_a_session_stays_with_its_hospital_even_when_another_is_bound_behind_its_back(in_app, two_hospitals, namesakes):
    city, lakeside = two_hospitals
    with in_hospital(city):
        db.session.get(User, namesakes)
        g.pop("_hospital")
        bind(lakeside, writing=True)
        for touch in (
            lambda: db.session.get(User, namesakes),
            lambda: db.session.scalars(sa.select(User)).all(),
            lambda: db.session.execute(sa.text("SELECT 1"), bind_arguments=WHOSE),
            lambda: (db.session.add(new_user("omar")), db.session.flush()),
        ):
            with pytest.raises(WrongTenantError):
                touch()
            db.session.expunge_all()
            db.session.rollback()


def test_after_the_context_of_one_hospital_the_identity_map_of_the_next_is_empty(in_app, two_hospitals, namesakes):
    for hospital in (*two_hospitals, *two_hospitals):
        with in_hospital(hospital):
            assert db.session.get(User, namesakes).first_name == f"of {hospital.subdomain}"


def test_the_context_is_restored_after_an_exception(in_app, hospital):
    with pytest.raises(ZeroDivisionError), in_hospital(hospital):
        raise ZeroDivisionError
    assert find_current_hospital() is None
    with in_hospital(hospital):
        with pytest.raises(ZeroDivisionError), in_hospital(hospital):
            raise ZeroDivisionError
        assert current_hospital() is hospital


def test_threads_in_different_hospitals_never_meet(in_app, two_hospitals, namesakes):
    wrong = []

    def read(hospital) -> None:
        for _ in range(30):
            with in_app.app_context(), in_hospital(hospital, writing=False):
                name = db.session.get(User, namesakes).first_name
                if name != f"of {hospital.subdomain}":
                    wrong.append(name)

    threads = [threading.Thread(target=read, args=(hospital,)) for hospital in two_hospitals * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.fixture
def foreigner(two_hospitals, namesakes) -> User:
    """Leila of city-general, who has no business in lakeside."""
    with in_hospital(two_hospitals[0]):
        return db.session.get(User, namesakes)


@pytest.fixture
def unborn(two_hospitals, foreigner) -> User:
    """A user who was written for city-general and not yet saved."""
    with in_hospital(two_hospitals[0]):
        return new_user("unborn")


CROSSINGS = {
    "add": lambda foreigner: db.session.add(foreigner),
    "add_all": lambda foreigner: db.session.add_all([foreigner]),
    "merge": lambda foreigner: db.session.merge(foreigner),
    "merge without loading": lambda foreigner: db.session.merge(foreigner, load=False),
    "delete": lambda foreigner: db.session.delete(foreigner),
    "refresh": lambda foreigner: db.session.refresh(foreigner),
}


@pytest.mark.parametrize("cross", CROSSINGS.values(), ids=CROSSINGS.keys())
def test_a_record_of_another_hospital_is_refused(cross, two_hospitals, foreigner):
    with in_hospital(two_hospitals[1]), pytest.raises(WrongTenantError, match="another hospital"):
        cross(foreigner)


@pytest.mark.parametrize("cross", CROSSINGS.values(), ids=CROSSINGS.keys())
def test_a_record_of_a_hospital_is_refused_outside_it(cross, foreigner):
    with pytest.raises(WrongTenantError, match="another hospital"):
        cross(foreigner)


@pytest.mark.parametrize("name", ["add", "merge"])
def test_a_record_written_for_another_hospital_is_refused_before_it_is_saved(name, two_hospitals, unborn):
    with in_hospital(two_hospitals[1]), pytest.raises(WrongTenantError):
        CROSSINGS[name](unborn)


def test_a_relationship_takes_no_record_of_another_hospital(two_hospitals, namesakes):
    city, lakeside = two_hospitals
    with in_hospital(city):
        role = db.session.scalar(sa.select(Group))
    with in_hospital(lakeside):
        leila = db.session.get(User, namesakes)
        with pytest.raises(WrongTenantError):
            leila.groups.append(role)
        db.session.rollback()
        with pytest.raises(WrongTenantError):
            db.session.add(new_user("omar", groups=[role]))
        db.session.rollback()


def test_a_flush_refuses_what_was_added_in_another_hospital(two_hospitals, in_app):
    city, lakeside = two_hospitals
    with in_hospital(city):
        session = db.session.session_factory()
        session.scalar(sa.select(User))
        session.add(new_user("omar"))
    with in_hospital(lakeside):
        with pytest.raises(WrongTenantError):
            session.flush()
        assert db.session.scalar(sa.select(User).where(User.username == "omar")) is None
        session.close()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_record_of_a_hospital_cannot_be_pickled_into_a_queue_or_a_cache(foreigner, protocol):
    with pytest.raises(WrongTenantError, match="Pass its id"):
        pickle.dumps({"patient": foreigner}, protocol)


def test_records_with_one_id_in_two_hospitals_are_not_equal(two_hospitals, namesakes):
    found = []
    for hospital in two_hospitals:
        with in_hospital(hospital):
            found.append(db.session.get(User, namesakes))
    assert found[0].id == found[1].id
    assert found[0] != found[1]
    assert len(set(found)) == 2


def test_what_a_hospital_keeps_of_the_platform_is_only_the_mirror(in_app, hospital):
    administrator = db.session.scalar(sa.select(PlatformUser).where(PlatformUser.username == "city-general-admin"))
    with in_hospital(hospital):
        mirror = db.session.scalar(sa.select(User).where(User.platform_user_uuid == administrator.uuid))
        assert (mirror.username, mirror.password_hash) == (administrator.username, None)


class TestTheUsualRecipe:
    """What most guides advise leaks: the reason why our Session exists, and our positive control."""

    @pytest.fixture
    def leaky(self, tmp_path):
        """Two hospitals behind the recipe's `get_bind`, each with patient 1, and a table of that name in control."""
        engines = {name: sa.create_engine(f"sqlite:///{tmp_path / name}.db") for name in ("city", "lakeside")}

        class RecipeSession(Session):
            def get_bind(self, mapper=None, clause=None, bind=None, **kwargs):
                if mapper is not None and sa.inspect(mapper).local_table.metadata.info.get("bind_key") == "hospital":
                    return engines[flask.g.hospital]
                return super().get_bind(mapper=mapper, clause=clause, bind=bind, **kwargs)

        app = Flask(__name__)
        control = f"sqlite:///{tmp_path / 'control'}.db"
        app.config.update(SQLALCHEMY_DATABASE_URI=control, SQLALCHEMY_BINDS={"hospital": control})
        recipe = SQLAlchemy(app, session_options={"class_": RecipeSession})

        class Patient(recipe.Model):
            __bind_key__ = "hospital"
            id = sa.Column(sa.Integer, primary_key=True)
            name = sa.Column(sa.String)

        with app.app_context():
            for name, engine in {**engines, "control": recipe.engine}.items():
                recipe.metadatas["hospital"].create_all(engine)
                with engine.begin() as connection:
                    connection.execute(sa.insert(Patient.__table__).values(id=1, name=f"patient of {name}"))
            yield recipe, Patient, engines
            recipe.session.remove()
            for engine in (*engines.values(), *recipe.engines.values()):
                engine.dispose()

    def test_shows_one_hospitals_patient_in_another(self, leaky):
        recipe, patient, _engines = leaky
        flask.g.hospital = "city"
        found = recipe.session.get(patient, 1)
        flask.g.hospital = "lakeside"
        assert recipe.session.get(patient, 1) is found
        assert recipe.session.scalar(sa.select(patient)).name == "patient of city"

    def test_writes_one_hospitals_patient_into_another(self, leaky):
        recipe, patient, engines = leaky
        flask.g.hospital = "city"
        found = recipe.session.get(patient, 1)
        recipe.session.commit()
        flask.g.hospital = "lakeside"
        found.name = "changed by lakeside"
        recipe.session.commit()
        with engines["city"].connect() as connection:
            assert connection.scalar(sa.select(patient.name)) == "patient of city"
        with engines["lakeside"].connect() as connection:
            assert connection.scalar(sa.select(patient.name)) == "changed by lakeside"

    def test_sends_text_and_columns_to_the_control_database(self, leaky):
        recipe, patient, _engines = leaky
        flask.g.hospital = "city"
        assert recipe.session.scalar(sa.text("SELECT name FROM patient")) == "patient of control"
        assert recipe.session.scalar(sa.select(patient.__table__.c.name)) == "patient of control"
