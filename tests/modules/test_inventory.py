"""Inventory: the catalogue of items, which prescriptions pick from."""

import pytest

from modules.inventory.models import Category
from portal.extensions import db
from portal.tenancy.current import in_hospital
from tests.modules.personnel import refused, sent, version_of

STORE = ("inventory.view", "inventory.add", "inventory.change")
AMOXICILLIN = {
    "code": "MED-1",
    "name": "Amoxicillin 500 mg capsule",
    "kind": "medicine",
    "category_id": "1",
    "generic_name": "Amoxicillin",
    "drug_class": "Penicillins",
    "unit": "capsule",
    "pack_size": "21",
    "storage": "room",
    "sale_price": "0.35",
    "tax_rate": "5",
}


@pytest.fixture
def store(app, hospital, client_with):
    """Somebody of the pharmacy, and one category."""
    browser = client_with(*STORE)
    with app.app_context(), in_hospital(hospital):
        db.session.add(Category(name="Medicines"))
        db.session.commit()
    return browser


def test_an_item_is_added_found_and_corrected(store):
    sent(store, "/inventory/new", AMOXICILLIN)
    morphine = {"code": "MED-2", "name": "Morphine 10 mg ampoule", "generic_name": "Morphine", "drug_class": "Opioids"}
    sent(store, "/inventory/new", AMOXICILLIN | morphine | {"is_controlled": "y"})
    for q in ("amoxi", "PENICILLINS", "med-1", "500 mg amox"):
        text = store.page(f"/inventory/?q={q}").text
        assert "Amoxicillin 500 mg capsule" in text
        assert "Morphine" not in text
    assert "Amoxicillin" not in store.page("/inventory/?only=controlled&kind=medicine").text
    edit = "/inventory/1/edit"
    sent(store, edit, AMOXICILLIN | {"version": version_of(store, edit), "sale_price": "0.40"})
    text = store.page("/inventory/?only=unused").text
    assert "Amoxicillin 500 mg capsule Out of use" in text
    assert "0.40" in text


def test_a_code_is_used_once_and_numbers_are_numbers(store):
    sent(store, "/inventory/new", AMOXICILLIN)
    assert "“MED-1” is used already" in refused(store, "/inventory/new", AMOXICILLIN)
    assert "Price must be a number like 250 or 12.50" in refused(store, "/inventory/new", AMOXICILLIN, sale_price="x")


def test_a_category_is_added_for_the_items_to_come(store):
    sent(store, "/inventory/categories/new", {"name": "Consumables"})
    assert "Consumables" in store.page("/inventory/new").text


def test_the_list_makes_as_many_queries_for_many_as_for_one(store, count_queries):
    sent(store, "/inventory/new", AMOXICILLIN)
    store.page("/inventory/")
    with count_queries() as few:
        store.page("/inventory/")
    for number in range(2, 6):
        sent(store, "/inventory/new", AMOXICILLIN | {"code": f"MED-{number}"})
    with count_queries() as many:
        store.page("/inventory/")
    assert len(many) == len(few)
