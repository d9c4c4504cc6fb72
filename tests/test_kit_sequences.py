"""Numbers that people read out never repeat and leave no gap."""

from datetime import timedelta

from portal import clock
from portal.extensions import db
from portal.kit import next_number, next_value
from portal.tenancy.current import in_hospital
from portal.times import today


def test_a_value_that_was_taken_back_is_given_again(app, hospital):
    with app.app_context(), in_hospital(hospital):
        assert next_value("queue") == 1
        db.session.commit()
        assert next_value("queue") == 2
        db.session.rollback()
        assert next_value("queue") == 2


def test_a_number_names_its_year_and_begins_again_with_the_next(app, hospital):
    with app.app_context(), in_hospital(hospital):
        year = today().year % 100
        assert [next_number("staff", "ST") for _again in range(2)] == [f"ST{year}-000001", f"ST{year}-000002"]
        clock.move(timedelta(days=366))
        assert next_number("staff", "ST") == f"ST{today().year % 100}-000001"


def test_two_hospitals_count_apart(app, two_hospitals):
    for hospital in two_hospitals:
        with app.app_context(), in_hospital(hospital):
            assert next_value("queue") == 1
            db.session.commit()
