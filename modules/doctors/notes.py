"""Whose clinical notes a doctor opens, and how a doctor opens others' in an emergency, with a reason (DOC-6)."""

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from modules.patients.api import Encounter, Patient
from portal.kit import Record, Refused, _, db, now
from portal.kit.models import AuditLog
from portal.kit.people import audit_hospital

if TYPE_CHECKING:
    from modules.doctors.models.doctor import Doctor

OPEN_FOR = timedelta(hours=12)


def may_open_notes(doctor: "Doctor", patient_id: int) -> bool:
    """The patient is or was with this doctor or in their department, or comes by referral or appointment.

    Also true for twelve hours after the doctor gave a reason to open the notes all the same.
    """
    ways = (_visits(doctor), _referrals(doctor), _appointments(doctor), _emergencies(doctor))
    return db.session.scalar(sa.select(sa.or_(*(way.where(of == patient_id).exists() for way, of in ways))))


def break_glass(doctor: "Doctor", patient: Patient, reason: str) -> Patient:
    """Open the notes of somebody else's patient for twelve hours; the audit keeps who, of whom, and why."""
    if not reason.strip():
        raise Refused(_("Say why you have to see these notes"), "reason")
    audit_hospital("break_glass", patient, {"reason": [None, reason.strip()], "doctor": [None, doctor.full_name]})
    return patient


def _visits(doctor: "Doctor"):
    """With the doctor whenever, or now in the doctor's department."""
    here = sa.and_(Encounter.department_id == doctor.department_id, Encounter.status.not_in(("finished", "cancelled")))
    return sa.select(Encounter.id).where(sa.or_(Encounter.doctor_id == doctor.id, here)), Encounter.patient_id


def _referrals(doctor: "Doctor"):
    table = Record.metadata.tables["doctors_referral"]
    asked = sa.or_(
        table.c.to_doctor_id == doctor.id,
        table.c.from_doctor_id == doctor.id,
        table.c.to_department_id == doctor.department_id,
    )
    stands = sa.and_(table.c.status != "declined", table.c.voided_at.is_(None))
    return sa.select(table.c.id).where(asked, stands), table.c.patient_id


def _appointments(doctor: "Doctor"):
    table = Record.metadata.tables["appointments_appointment"]
    stands = sa.and_(table.c.status.not_in(("cancelled", "rescheduled")), table.c.voided_at.is_(None))
    return sa.select(table.c.id).where(table.c.doctor_id == doctor.id, stands), table.c.patient_id


def _emergencies(doctor: "Doctor"):
    users = [user for user in (doctor.user_id, doctor.staff.user_id) if user]
    query = sa.select(AuditLog.id).where(
        AuditLog.action == "break_glass",
        AuditLog.content_type == Patient.__tablename__,
        AuditLog.actor_id.in_(users),
        AuditLog.at > now() - OPEN_FOR,
    )
    return query, AuditLog.object_id
