"""What the dashboard shows of doctors."""

import sqlalchemy as sa
from flask import url_for

from modules.doctors import module
from modules.doctors.find import filtered, find_own, listed
from modules.doctors.models import Doctor, Prescription, Referral
from modules.patients.api import Encounter
from portal.kit import Act, _, db, fragment


def count_doctors(**filters: str) -> int:
    """How many doctors the directory shows with these filters, such as `status="active"`."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(filtered(listed(), filters).subquery()))


@module.fills("dashboard.acts", needs="prescription_view_own")
def what_doctors_do_first() -> list[Act]:
    """Where a doctor begins the day."""
    return [Act(_("My day"), "sun", url_for("doctors.my_day"))] if find_own() else []


@module.tile("active", _("Doctors at work"), "stethoscope", needs="view", roles="hr_officer", status="active")
def doctors_at_work(**filters: str) -> int:
    """Who treats patients now."""
    return count_doctors(**filters)


@module.tile(
    "licences", _("Doctors’ licences ending soon"), "license", needs="change", roles="hr_officer", license="soon"
)
def licences_ending_soon(**filters: str) -> int:
    """Licences that end within 60 days, or have ended."""
    return count_doctors(**filters)


@module.widget("day", _("My day"), needs="prescription_view_own", roles="doctor", order=5)
def my_day_at_a_glance() -> str:
    """How many patients, unsigned prescriptions and referrals wait for the doctor at work."""
    own = find_own()
    return fragment("doctors/_day_widget.html", numbers=numbers_of(own) if own else None)


def numbers_of(doctor: Doctor) -> sa.Row:
    """What waits for a doctor, in one query."""
    visits = sa.select(sa.func.count(Encounter.id)).where(
        Encounter.doctor_id == doctor.id, Encounter.status.not_in(("planned", "finished", "cancelled"))
    )
    drafts = sa.select(sa.func.count(Prescription.id)).where(
        Prescription.doctor_id == doctor.id, Prescription.status == "draft", Prescription.voided_at.is_(None)
    )
    to_me = sa.or_(Referral.to_doctor_id == doctor.id, Referral.to_department_id == doctor.department_id)
    asked = sa.select(sa.func.count(Referral.id)).where(
        to_me, Referral.status == "requested", Referral.voided_at.is_(None)
    )
    counts = {"visits": visits, "drafts": drafts, "referrals": asked}
    return db.session.execute(sa.select(*(one.scalar_subquery().label(name) for name, one in counts.items()))).one()
