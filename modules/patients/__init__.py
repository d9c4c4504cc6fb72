"""Patients: who is known here, and how to find them again."""

from portal.kit import Module

module = Module(
    __name__,
    label="Patient Management",
    menu_label="Patients",
    icon="users",
    group="Front desk",
    counts={"patients_patient": ("{count} patient", "{count} patients")},
    permissions={
        "view": "See who patients are",
        "detail_view": "See phone numbers, addresses and contacts of patients",
        "add": "Register patients",
        "change": "Change patient records",
        "export": "Download the patient list",
        "audit_view": "See what was changed of a patient",
        "allergy_view": "See allergies",
        "allergy_add": "Record allergies",
        "allergy_change": "Correct and resolve allergies",
        "history_view": "See the medical history",
        "history_add": "Add to the medical history",
        "history_change": "Correct the medical history",
        "history_void": "Void entries of the medical history",
        "consent_view": "See consents",
        "consent_add": "Record consents",
        "consent_change": "Correct and withdraw consents",
        "consent_void": "Void consents recorded in error",
        "insurance_view": "See insurance policies",
        "insurance_add": "Add insurance policies",
        "insurance_change": "Correct, activate and cancel insurance policies",
        "document_view": "See documents of patients",
        "document_add": "Add documents to patients",
        "encounter_view": "See the visits of a patient",
        "encounter_change": "Begin, finish and cancel visits",
        "merge": "Merge two records of one patient",
    },
    roles={
        "receptionist": "view detail_view add change encounter_view encounter_change "
        "insurance_view insurance_add insurance_change",
        "doctor": "view detail_view add change encounter_view encounter_change allergy_view allergy_add allergy_change "
        "history_view history_add history_change history_void "
        "consent_view consent_add consent_change consent_void document_view document_add",
        "nurse": "view detail_view change encounter_view encounter_change allergy_view allergy_add allergy_change "
        "history_view history_add history_change consent_view consent_add consent_change document_view document_add",
        "lab_technician": "view allergy_view",
        "radiographer": "view allergy_view",
        "pharmacist": "view allergy_view",
        "cashier": "view detail_view insurance_view insurance_change",
    },
)
