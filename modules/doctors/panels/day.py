"""What doctors themselves put into a doctor's day: who is here, what is to sign, who is referred."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from modules.doctors import module
from modules.doctors.find import told
from modules.doctors.models import Doctor, Prescription, Referral
from modules.doctors.panels.profile import ENDED, visits_with
from modules.doctors.words import URGENCY_WORDS
from modules.patients.api import Encounter, Patient
from portal.kit import db, fragment

MOST = 30
PLACE = "doctors.my_day"


@module.fills(PLACE, needs="prescription_view | prescription_view_own", order=30)
def what_waits(doctor: Doctor) -> list[str]:
    """Open visits, unsigned prescriptions and referrals, as cards."""
    visits = visits_with(doctor, Encounter.status.not_in((*ENDED, "planned")), most=MOST)
    drafts = told(Prescription.doctor_id == doctor.id, Prescription.status == "draft", most=MOST)
    return [
        fragment("doctors/_day_visits.html", visits=visits),
        fragment("doctors/_day_drafts.html", drafts=drafts, patients=patients_of(drafts)),
        fragment("doctors/_day_referrals.html", referrals=waiting_for(doctor), urgencies=URGENCY_WORDS),
    ]


def patients_of(prescriptions) -> dict[int, Patient]:
    """The patients of prescriptions by id, in one query."""
    ids = {one.patient_id for one in prescriptions}
    return {one.id: one for one in db.session.scalars(sa.select(Patient).where(Patient.id.in_(ids)))}


def waiting_for(doctor: Doctor) -> list[Referral]:
    """Referrals that the doctor or their department has not answered, what is most urgent first."""
    to_me = sa.or_(Referral.to_doctor_id == doctor.id, Referral.to_department_id == doctor.department_id)
    urgency = sa.case({"emergency": 0, "urgent": 1}, value=Referral.urgency, else_=2)
    query = sa.select(Referral).where(to_me, Referral.status == "requested", Referral.voided_at.is_(None))
    query = query.options(joinedload(Referral.patient), joinedload(Referral.from_doctor))
    return list(db.session.scalars(query.order_by(urgency, Referral.created_at).limit(MOST)))
