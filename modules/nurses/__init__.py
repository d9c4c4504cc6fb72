"""Nurses: who cares for which ward, the vital signs they take and the medicines they give."""

from portal.kit import Module

module = Module(
    __name__,
    label="Nurse Management",
    menu_label="Nursing",
    icon="heartbeat",
    group="Clinical",
    uses=("patients", "staff", "doctors", "rooms"),
    permissions={
        "view": "See nursing records",
        "view_own": "See nursing records of the own ward",
        "add": "Add nursing records",
        "change": "Change nursing records",
        "nurse_change": "Change the profiles of nurses",
        "give": "Give medicines",
        "witness": "Witness controlled drugs",
        "handover": "Hand over a shift, and accept it",
        "assignment_change": "Assign nurses to wards and patients",
        "assignment_change_own": "Assign nurses in the own ward, as head nurse",
        "dose_view": "See doses of medicines",
        "vitalsign_add": "Record vital signs",
        "task_add": "Set tasks for nurses",
    },
    roles={
        "nurse": "view_own add change give witness handover assignment_change_own dose_view vitalsign_add task_add",
        "doctor": "view dose_view vitalsign_add task_add",
        "pharmacist": "dose_view",
    },
)
