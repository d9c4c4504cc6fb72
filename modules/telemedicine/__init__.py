"""Telemedicine: doctor and patient meet by video."""

from portal.kit import Module

module = Module(
    __name__,
    label="Telemedicine",
    icon="video",
    group="Clinical",
    permissions={
        "view": "See video visits",
        "view_own": "See their own video visits",
        "charge_view": "See the charges of video visits",
        "add": "Schedule video visits",
        "void": "Void video visits entered in error",
        "resend": "Send the patient's link again",
        "admit": "Let waiting patients in",
        "start": "Start video visits",
        "end": "End video visits",
        "prescribe": "Prescribe during video visits",
        "assist": "Assist in video visits",
    },
    roles={
        "doctor": "view_own admit start end prescribe",
        "receptionist": "view add resend",
        "nurse": "view assist",
        "cashier": "charge_view",
    },
)
