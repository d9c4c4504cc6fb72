"""A child that is born here: its own record and number, its mother to call, and a stay of its own (IPD-10)."""

from datetime import datetime

from modules.doctors.api import get_doctor
from modules.ipd.admitting import request_admission
from modules.ipd.models import Admission
from modules.ipd.models.care import refuse_gone
from modules.patients.api import Contact, Patient
from portal.kit import Refused, _, current_hospital, now


def register_newborn(mother: Admission, first_name: str | None, sex: str, born_at: datetime, reason: str) -> Admission:
    """Register the child of somebody who stays here, with the mother as contact and guardian, and ask for a cot.

    Without a name it is called “Baby”, and gets one later. Raises `Refused` for a birth in the future.
    """
    refuse_gone(mother)
    if born_at > now():
        raise Refused(_("The time of birth must be in the past"), "born_at")
    parent = mother.patient
    child = Patient(
        first_name=first_name or _("Baby"),
        last_name=parent.last_name,
        sex=sex,
        birth_date=born_at.astimezone(current_hospital().zone).date(),
        address_line=parent.address_line,
        city=parent.city,
        district=parent.district,
        country=parent.country,
        phone=parent.phone,
        language=parent.language,
    ).register()
    told = {"name": f"{parent.full_name}, {parent.mrn}", "relation": _("Mother"), "phone": parent.phone or ""}
    Contact(patient=child, is_emergency=True, is_guardian=True, **told).add()
    doctor = get_doctor(mother.attending_id)
    return request_admission(child, mother.encounter, doctor, mother.department_id, reason, "newborn")
