"""What the dashboard shows of doctors."""

import sqlalchemy as sa
from flask import url_for

from modules.doctors import module
from modules.doctors.find import filtered, find_own, listed
from modules.doctors.models import Prescription, Referral
from portal.kit import Act, _, current_user, db


def count_doctors(**filters: str) -> int:
    """How many doctors the directory shows with these filters, such as `status="active"`."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(filtered(listed(), filters).subquery()))


@module.fills("dashboard.acts", needs="prescription_view_own")
def what_doctors_do_first() -> list[Act]:
    """Where a doctor begins the day."""
    return [Act(_("My day"), "sun", url_for("doctors.my_day"))] if find_own() else []


@module.tile("active", _("Doctors at work"), "stethoscope", needs="view", roles="hospital_admin", status="active")
def doctors_at_work(**filters: str) -> int:
    """Who treats patients now."""
    return count_doctors(**filters)


@module.tile(
    "licences", _("Doctors’ licences ending soon"), "license", needs="change", roles="hr_officer", license="soon"
)
def licences_ending_soon(**filters: str) -> int:
    """Licences that end within 60 days, or have ended."""
    return count_doctors(**filters)


@module.tile(
    "drafts",
    _("Prescriptions to sign"),
    "signature",
    needs="prescription_view_own",
    opens="prescription_index",
    roles="doctor",
    status="draft",
)
def prescriptions_to_sign(**filters: str) -> int:
    """What is written and not signed."""
    drafts = sa.select(sa.func.count(Prescription.id)).where(
        Prescription.status == filters["status"], Prescription.voided_at.is_(None)
    )
    own = find_own()
    if not current_user.may("doctors.prescription_view"):
        drafts = drafts.where(Prescription.doctor_id == (own.id if own else None))
    return db.session.scalar(drafts)


@module.tile(
    "referrals",
    _("Referrals waiting"),
    "arrows-exchange",
    needs="referral_view",
    opens="referral_index",
    roles="doctor",
    status="requested",
)
def referrals_waiting(**filters: str) -> int:
    """Referrals that wait for an answer of the doctor at work; of anybody, to those who are no doctors."""
    own = find_own()
    query = sa.select(sa.func.count(Referral.id)).where(
        Referral.status == filters["status"], Referral.voided_at.is_(None)
    )
    if own:
        to_me = sa.or_(Referral.to_doctor_id == own.id, Referral.to_department_id == own.department_id)
        query = query.where(to_me)
    return db.session.scalar(query)
