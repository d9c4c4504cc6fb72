"""Lists whose search is posted: their own order in either direction, and their address with all that is in it."""

import pytest
import sqlalchemy as sa

from modules.patients.models import Patient
from portal.extensions import db
from portal.kit import Column, Found, filters_in_url, is_htmx
from portal.tenancy.current import in_hospital


@pytest.fixture
def three(app, hospital):
    """Three patients, inside the hospital."""
    with app.test_request_context(), in_hospital(hospital):
        for name in ("Amina", "Zoë", "Mia"):
            Patient(first_name=name, last_name="Ng", sex="female").register()
        db.session.flush()
        yield


@pytest.mark.parametrize(("order", "names"), [("name", ["Amina", "Mia", "Zoë"]), ("-name", ["Zoë", "Mia", "Amina"])])
def test_what_was_found_stands_in_the_order_of_its_list_also_from_last_to_first(three, order, names):
    columns = [Column("name", "Name", sort=Patient.name_search)]
    found = Found(sa.select(Patient), columns, ("patient", "patients"), order, Patient.id)
    assert [patient.first_name for patient in found.items] == names


def test_the_filters_of_a_list_below_a_record_go_into_its_own_address(app):
    app.add_url_rule("/trial/<int:ward_id>/beds", "trial", lambda ward_id: "", methods=["GET", "POST"])
    with app.test_request_context("/trial/7/beds", method="POST", data={"state": "free"}):
        assert filters_in_url(["state"]).location == "/trial/7/beds?state=free"


def test_going_back_takes_a_whole_page_and_no_fragment(app):
    with app.test_request_context("/", headers={"HX-Request": "true"}):
        assert is_htmx()
    with app.test_request_context("/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}):
        assert not is_htmx()
