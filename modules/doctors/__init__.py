"""Doctors: their profiles, and what they prescribe and to whom they refer."""

from portal.kit import Module

module = Module(
    __name__,
    label="Doctor Management",
    menu_label="Doctors",
    icon="stethoscope",
    group="Clinical",
    uses=("patients", "staff"),
    permissions={
        "view": "See the directory of doctors",
        "add": "Register doctors",
        "change": "Change doctors’ profiles",
        "change_own": "Change the own profile as a doctor",
        "void": "Void prescriptions and referrals",
        "fee_view": "See doctors’ fees",
        "fee_change": "Change doctors’ fees",
        "prescription_view": "See prescriptions",
        "prescription_view_own": "See the own prescriptions",
        "prescription_add": "Write prescriptions",
        "prescription_change": "Change drafts, and stop and issue items again",
        "prescription_sign": "Sign prescriptions",
        "referral_view": "See referrals",
        "referral_add": "Refer patients",
        "referral_change": "Accept, decline and complete referrals",
    },
    roles={
        "doctor": "view change_own fee_view prescription_view_own prescription_add prescription_change"
        " prescription_sign referral_view referral_add referral_change",
        "nurse": "view prescription_view",
        "pharmacist": "prescription_view",
        "receptionist": "view fee_view",
        "hr_officer": "view add change",
        "cashier": "view fee_view",
        "lab_technician": "view",
        "radiographer": "view",
        "staff": "view",
    },
)
