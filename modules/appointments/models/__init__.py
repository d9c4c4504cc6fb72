"""Appointments, the hours in which they can be made, and who waits for one."""

from modules.appointments.models.appointment import KINDS, PRIORITIES, SOURCES, STATUSES, Appointment
from modules.appointments.models.schedules import Schedule, ScheduleException, ServiceType
from modules.appointments.models.waitlist import WaitlistEntry

__all__ = [
    "KINDS",
    "PRIORITIES",
    "SOURCES",
    "STATUSES",
    "Appointment",
    "Schedule",
    "ScheduleException",
    "ServiceType",
    "WaitlistEntry",
]
