"""Patients: what nobody may read on a page that is not theirs to see, and what must never be lost or printed wrong."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from modules.patients.look_alikes import LOOKED_AT, look_alikes
from modules.patients.merging import merge
from modules.patients.models import Patient
from modules.patients.models.beside import Contact, Identifier
from modules.patients.models.clinical import Consent
from portal.auth.models import Group, User
from portal.control.models import Tenant
from portal.extensions import db
from portal.kit import Refused, now
from portal.kit.models import Attachment
from portal.tenancy.current import in_hospital
from portal.tenancy.registry import get_hospital
from tests.modules.two_records import WHY, allergic

SECRETS = ("AB12", "020 7946", "1 High Street", "Niamh", "X 123")
NURSE = tuple(
    f"patients.{verb}"
    for verb in ("view", "detail_view", "change", "allergy_view", "consent_view", "consent_change", "document_view",
                 "document_add")
)  # fmt: skip


@pytest.fixture
def known(app, hospital) -> int:
    """Zoë, of whom everything is known that a desk asks for."""
    with app.app_context(), in_hospital(hospital):
        facts = {"phone": "020 7946 0101", "national_id": "AB12", "address_line": "1 High Street"}
        zoe = Patient(first_name="Zoë", last_name="O’Brien", sex="female", birth_date=date(1955, 3, 2), **facts)
        zoe.register()
        Contact(patient=zoe, name="Niamh", relation="Daughter", phone="020 7946 0102").add()
        Identifier(patient=zoe, kind="other", value="X 123").add()
        allergic(zoe, "Penicillin", "severe")
        db.session.commit()
        return zoe.id


@pytest.fixture
def merged(app, hospital, known) -> tuple[int, int]:
    """Zoë's record, and another of hers that was merged into it."""
    with app.app_context(), in_hospital(hospital):
        again = Patient(first_name="Zoe", last_name="O’Brien", sex="female", birth_date=date(1955, 3, 2)).register()
        allergic(again, "Latex", "mild")
        merge(db.session.get_one(Patient, known), again, WHY)
        db.session.commit()
        return known, again.id


def in_role(app, hospital, name: str):
    """A browser of somebody with this role and no other permission."""
    with app.app_context(), in_hospital(hospital):
        role = db.session.scalars(sa.select(Group).where(Group.name == name)).one()
        user = User.add(username=name, first_name="Leila", groups=[role])
        db.session.commit()
        db.session.refresh(user)
    browser = app.test_client(hospital=hospital)
    browser.sign_in_as(user)
    return browser


# --- who sees what -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["lab_technician", "radiographer", "pharmacist"])
def test_who_only_examines_or_dispenses_sees_who_it_is_and_what_harms(app, hospital, known, role):
    """Name, age, sex and allergies; not where the patient lives, whom to call, or other numbers."""
    browser = in_role(app, hospital, role)
    page = browser.page(f"/patients/{known}")
    assert "Zoë O’Brien" in page.text
    assert "Penicillin" in page.text
    for path in ("/patients/", f"/patients/{known}", f"/patients/{known}/timeline", f"/patients/{known}/allergies",
                 f"/patients/{known}/print/id-card", f"/patients/{known}/print/wristband"):  # fmt: skip
        html = browser.page(path).html
        assert [secret for secret in SECRETS if secret in html] == [], path
    assert browser.get(f"/patients/{known}/print/face-sheet").status_code == 403
    assert "Face sheet" not in page.text


@pytest.mark.parametrize("role", ["receptionist", "doctor", "nurse", "cashier"])
def test_who_speaks_with_the_patient_sees_how_to_reach_them(app, hospital, known, role):
    browser = in_role(app, hospital, role)
    html = browser.page(f"/patients/{known}").html
    assert [secret for secret in SECRETS if secret not in html] == []
    assert "020 7946" in browser.page("/patients/").html
    assert "Niamh" in browser.page(f"/patients/{known}/print/face-sheet").html


# --- merged records ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sheet", ["face-sheet", "id-card", "wristband"])
def test_an_old_number_prints_nothing_but_what_is_known_where_it_leads(client_with, merged, sheet):
    """PAT-4: what harms the patient moved on, so a band of the old record would not say it."""
    kept, gone = merged
    browser = client_with(*NURSE)
    answer = browser.get(f"/patients/{gone}/print/{sheet}")
    assert (answer.status_code, answer.location) == (303, f"/patients/{kept}/print/{sheet}")
    if sheet != "id-card":
        assert {"Penicillin", "Latex"} <= set(browser.page(answer.location).text.replace(",", " ").split())
    assert f"/patients/{gone}/print/" not in browser.page(f"/patients/{gone}").html


def test_no_document_is_lost_with_a_record_that_was_merged(app, hospital, client_with, merged):
    """PAT-3 and PAT-4: a form that was open during the merge is refused, and says which record to use."""
    _kept, gone = merged
    letter = {"file": (io.BytesIO(b"Dear colleague"), "letter.txt"), "kind": "referral"}
    answer = client_with(*NURSE).post(f"/patients/{gone}/documents/new", data=letter)
    assert answer.status_code == 422
    assert "was merged into Zoë O’Brien" in answer.text
    with app.app_context(), in_hospital(hospital):
        assert db.session.scalar(sa.select(sa.func.count(Attachment.id))) == 0


def test_a_sheet_sent_twice_is_kept_once_and_never_with_a_void_consent(app, hospital, client_with, known):
    """CORE-7."""
    with app.app_context(), in_hospital(hospital):
        zoe = db.session.get_one(Patient, known)
        signed = {"granted": True, "signed_by_name": "Zoë", "signed_at": now() - timedelta(hours=1)}
        both = [Consent(patient=zoe, kind=kind, **signed).add() for kind in ("surgery", "treatment")]
        db.session.flush()
        both[1].void("Wrong patient")
        db.session.commit()
        good, void = (one.id for one in both)
    browser = client_with(*NURSE)

    def send(number: int):
        sheet = {"file": (io.BytesIO(b"%PDF-signed"), "signed.pdf"), "kind": "consent", "token": "one-click"}
        return browser.post(f"/patients/consents/{number}/signed/attach", data=sheet)

    assert [send(good).status_code for _click in range(2)] == [303, 303]
    assert send(void).status_code == 409
    with app.app_context(), in_hospital(hospital):
        assert [one.object_id for one in db.session.scalars(sa.select(Attachment))] == [good]


# --- births and deaths ---------------------------------------------------------------------------------------------


@pytest.fixture(params=["Asia/Tokyo", "America/Los_Angeles"])
def far_away(app, hospital, request):
    """The hospital, with a day that begins hours before or after that of Greenwich."""
    with app.app_context():
        db.session.execute(sa.update(Tenant).values(timezone=request.param, epoch=Tenant.epoch + 1))
        db.session.commit()
        return get_hospital(hospital.subdomain)


def test_a_child_may_die_on_the_day_it_is_born_wherever_the_hospital_is(app, far_away):
    """The day of death is the hospital's: at midnight Greenwich has another one."""
    with app.app_context(), in_hospital(far_away):
        for hour in (0, 23):
            child = Patient(first_name="Ann", last_name="Lee", sex="female", birth_date=date(2026, 7, 1)).register()
            child.record_death(datetime(2026, 7, 1, hour, 30, tzinfo=far_away.zone).astimezone(UTC))
            db.session.commit()
            assert child.status == "deceased"
        late = Patient(first_name="Bo", last_name="Lee", sex="male", birth_date=date(2026, 7, 2)).register()
        with pytest.raises(Refused, match="after the birth"):
            late.record_death(datetime(2026, 7, 1, 23, 59, tzinfo=far_away.zone).astimezone(UTC))
        db.session.rollback()


def test_nobody_was_born_after_they_died(app, hospital, client_with, known):
    browser = client_with(*NURSE, "patients.merge")
    with app.app_context(), in_hospital(hospital):
        db.session.get_one(Patient, known).record_death(datetime(2026, 7, 1, 12, tzinfo=UTC))
        db.session.commit()
    path = f"/patients/{known}/edit"
    version = next(one["value"] for one in browser.page(path).fields if one.get("name") == "version")
    facts = {"first_name": "Zoë", "last_name": "O’Brien", "sex": "female", "blood_group": "unknown", "version": version}
    answer = browser.post(path, data=facts | {"birth_date": "2026-07-02"})
    assert (answer.status_code, "The date of birth must not be after the death" in answer.text) == (422, True)


def test_who_died_is_not_merged_with_somebody_born_afterwards(app, hospital):
    """PAT-3: the birth date of the second record would become that of the first."""
    with app.app_context(), in_hospital(hospital):
        first = Patient(first_name="Ann", last_name="Lee", sex="female").register()
        second = Patient(first_name="Ann", last_name="Lee", sex="female", birth_date=date(2026, 7, 2)).register()
        first.record_death(datetime(2026, 7, 1, 12, tzinfo=UTC))
        with pytest.raises(Refused, match="Ann Lee died before the person of the other record was born"):
            merge(first, second, WHY)
        db.session.rollback()


# --- many who look the same ----------------------------------------------------------------------------------------


def test_many_with_one_birth_date_hide_neither_the_phone_nor_the_name(app, hospital):
    """PAT-2, where hundreds were registered with the first of January."""
    born = date(1980, 1, 1)
    with app.app_context(), in_hospital(hospital):
        for number in range(LOOKED_AT + 1):
            Patient(first_name="Crowd", last_name=f"Number{number}", sex="male", birth_date=born).register()
        twin = Patient(first_name="Kofi", last_name="Mensah", sex="male", birth_date=born).register()
        phone = Patient(first_name="Esi", last_name="Quaye", sex="female", phone="020 7946 0199").register()
        facts = {"first_name": "Kofi", "last_name": "Mensa", "birth_date": born, "phone": "020 7946 0199"}
        assert {one.patient.mrn for one in look_alikes(**facts)} == {twin.mrn, phone.mrn}
        assert [one.patient.mrn for one in look_alikes(**facts | {"phone": None})] == [twin.mrn]
        db.session.rollback()


def test_the_longest_name_of_a_substance_fits_its_key(app, hospital, known):
    with app.app_context(), in_hospital(hospital):
        allergy = allergic(db.session.get_one(Patient, known), "ﷺ" * 120, "mild")
        assert len(allergy.active_key) <= allergy.__table__.c.active_key.type.length
        with pytest.raises(Refused, match="This allergy is recorded already"):
            allergic(db.session.get_one(Patient, known), "ﷺ" * 120, "mild")
        db.session.rollback()
