"""Radiology: which exams are asked for, when each device makes them, and what they show."""

from portal.kit import Module

module = Module(
    __name__,
    label="Radiology",
    icon="radioactive",
    group="Diagnostics",
    permissions={
        "view": "See orders, images and reports",
        "charge_view": "See the charges of exams",
        "add": "Order exams",
        "cancel": "Cancel their own orders",
        "void": "Void orders made in error",
        "schedule": "Schedule exams on devices",
        "arrive": "Record that a patient has arrived",
        "start": "Start exams",
        "perform": "Finish exams",
        "image_add": "Add images",
        "transport_add": "Ask for transport to an exam",
        "approve": "Approve contrast, and exams in pregnancy",
        "sign": "Write and sign reports",
        "amend": "Add to signed reports",
        "acknowledge": "Acknowledge critical findings",
        "exam_view": "See exam types, devices and report templates",
        "exam_add": "Add exam types, devices and report templates",
        "exam_change": "Change exam types, devices and report templates",
    },
    roles={
        "doctor": "view add cancel approve sign amend acknowledge",
        "radiographer": "view schedule arrive start perform image_add exam_view",
        "nurse": "view transport_add acknowledge",
        "receptionist": "view schedule",
        "cashier": "charge_view",
    },
)
