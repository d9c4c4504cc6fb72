"""Feedback: what patients say, complaints, and incidents that staff report."""

from portal.kit import Module

EVERYBODY = "doctor nurse receptionist lab_technician radiographer pharmacist cashier hr_officer staff"
OWN = "incident_add"

module = Module(
    __name__,
    label="Feedback System",
    menu_label="Feedback",
    icon="message-2",
    group="People",
    permissions={
        "view": "See what patients answered",
        "unit_view": "See the feedback of the department they head",
        "unit_change": "Act on complaints and incidents of the department they head",
        "score_view_own": "See their own scores",
        "score_view": "See the scores of every doctor",
        "survey_view": "See surveys",
        "survey_add": "Add and send surveys",
        "survey_change": "Change surveys",
        "complaint_view": "See complaints",
        "complaint_add": "Record complaints",
        "complaint_change": "Act on complaints",
        "complaint_void": "Void complaints",
        "incident_view": "See incidents",
        "incident_add": "Report incidents",
        "incident_change": "Act on incidents",
        "incident_void": "Void incidents",
        "violence_view": "See incidents of violence",
    },
    roles=dict.fromkeys(EVERYBODY.split(), OWN)
    | {
        "doctor": f"{OWN} unit_view unit_change score_view_own",
        "nurse": f"{OWN} unit_view unit_change",
        "receptionist": f"{OWN} complaint_add",
        "hr_officer": f"{OWN} violence_view",
    },
)
