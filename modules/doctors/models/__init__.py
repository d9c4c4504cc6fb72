"""The doctors of the hospital, what they prescribe, and to whom they refer."""

from modules.doctors.models.doctor import Doctor, Specialization
from modules.doctors.models.order_set import OrderSet
from modules.doctors.models.prescription import Prescription, PrescriptionItem
from modules.doctors.models.referral import Referral

__all__ = ["Doctor", "OrderSet", "Prescription", "PrescriptionItem", "Referral", "Specialization"]
