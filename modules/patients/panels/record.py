"""What the page of a patient shows in its tabs."""

from modules.patients import module
from modules.patients.forms.patient import EditForm
from modules.patients.models import Patient
from modules.patients.models.encounters import STATUS_WORDS
from modules.patients.panels import banner, timeline
from modules.patients.visits import CLASS_ICONS, STATUS_TONES, count_visits, doctor_in_words, visit_list
from portal.kit import _, filled, fragment, history_of

__all__ = ["audit", "banner", "encounters", "summary", "timeline"]


@module.tab(Patient, "summary", _("Summary"), needs="view", order=0)
def summary(patient: Patient) -> str:
    """Who the patient is, how to reach them, and what happened last."""
    form, cards = EditForm(formdata=None, obj=patient), filled("patients.summary", patient)
    return fragment("patients/_summary.html", patient=patient, form=form, cards=cards, lines=timeline.latest(patient))


@module.tab(Patient, "encounters", _("Encounters"), needs="encounter_view", order=15, count=count_visits)
def encounters(patient: Patient) -> str:
    """The visits of the patient, whatever the setting."""
    words = {"words": STATUS_WORDS, "tones": STATUS_TONES, "icons": CLASS_ICONS, "called": doctor_in_words}
    return fragment("patients/_encounters.html", listing=visit_list(patient), **words)


@module.tab(Patient, "audit", _("Audit"), needs="audit_view", order=99)
def audit(patient: Patient) -> str:
    """What was changed of what is known, and by whom."""
    return fragment("records/history.html", history=history_of(patient, EditForm(formdata=None)))
