"""Billing: what the hospital charges for, and its usual prices."""

import pytest

from tests.modules.personnel import refused, sent, version_of

OFFICE = ("billing.service_view", "billing.service_add", "billing.service_change")
VISIT = {"code": "CON-1", "name": "Consultation", "category": "consultation", "price": "50", "tax_rate": "0"}


@pytest.fixture
def office(client_with):
    """Somebody who keeps the prices."""
    return client_with(*OFFICE)


def test_a_price_is_added_found_and_changed(office):
    sent(office, "/billing/prices/new", VISIT)
    sent(office, "/billing/prices/new", VISIT | {"code": "LAB-1", "name": "Full blood count", "category": "laboratory"})
    assert "Full blood count" not in office.page("/billing/?q=consul").text
    assert "Consultation" in office.page("/billing/?q=con-1&category=consultation").text
    edit = "/billing/prices/1/edit"
    sent(office, edit, VISIT | {"version": version_of(office, edit), "price": "55.50", "is_active": "y"})
    assert "55.50" in office.page("/billing/").text


def test_a_price_is_a_number_and_a_code_is_used_once(office):
    sent(office, "/billing/prices/new", VISIT)
    assert "“CON-1” is used already" in refused(office, "/billing/prices/new", VISIT)
    assert "Enter the price" in refused(office, "/billing/prices/new", VISIT, price="")
    assert "Tax in percent must be a number from 0 to 100" in refused(
        office, "/billing/prices/new", VISIT, tax_rate="101"
    )


def test_somebody_who_only_reads_prices_changes_none(client_with):
    browser = client_with("billing.service_view")
    assert "Add something to charge for" not in browser.page("/billing/").text
    assert browser.get("/billing/prices/new").status_code == 403
