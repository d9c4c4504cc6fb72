"""The pages of asking for a bed and getting one: the queue with the bed finder, the request, the admission."""

from flask import flash, request, url_for

from modules.doctors.api import find_own
from modules.ipd import module, words
from modules.ipd.find import count_waiting, found_beds, queue
from modules.ipd.forms.admitting import BedForm, CancelForm, NewbornForm, RequestForm
from modules.ipd.models import Admission
from modules.ipd.views.lists import QUEUES
from modules.rooms.api import FEATURES, wards
from portal.kit import _, board_page, current_user, form_page, get_or_404, go, now, once
from portal.kit.forms import id_or_none


@module.get("/requests", needs=QUEUES)
def request_index():
    """Who waits for a bed, and the free beds that fit the one who is chosen."""
    rows = queue()
    wanted = id_or_none(request.args.get("for"))
    chosen = next((one for one in rows if one.admission.id == wanted), rows[0] if rows else None)
    beds = found_beds(request.args, chosen.patient if chosen else None)
    may_have = {"features": FEATURES, "wards": wards()}
    shown = {"rows": rows, "chosen": chosen, "beds": beds, "waiting": count_waiting(), "at": now()}
    return board_page("ipd/requests.html", "ipd/_queue.html", words=words, address=kept_address(), **may_have, **shown)


def kept_address() -> str:
    """The queue as it was asked for, for the board to ask again."""
    wanted = {name: request.args.getlist(name) for name in ("for", "ward", "feature")}
    return url_for("ipd.request_index", **{name: value for name, value in wanted.items() if value})


@module.form("/new", needs="add | register")
def new():
    """Ask for a bed for a patient."""
    own = find_own()
    usual = {"attending_id": own.id, "department_id": own.department_id} if own else {}
    form = RequestForm(data=usual | {"patient_id": id_or_none(request.args.get("patient"))})
    admission = once(form, Admission, lambda: form.save(own))
    if admission is None:
        return form_page("ipd/new.html", form)
    flash(_("{name} waits for a bed.", name=admission.patient), "success")
    return go(url_for(".request_index", **{"for": admission.id}))


@module.form("/<int:record_id>/admit", needs="admit | bed_assign")
def admit(record_id: int):
    """Give the patient a bed, and begin the stay."""
    admission = get_or_404(Admission, record_id)
    form = BedForm(data={"bed_id": id_or_none(request.args.get("bed"))}, admission=admission)
    if once(form, Admission, form.admit):
        flash(_("{name} is admitted.", name=admission.patient), "success")
        return go(after_admitting(admission))
    form.offer_free()
    return form_page("ipd/admit.html", form, admission=admission, beds=found_beds(request.args, admission.patient))


def after_admitting(admission: Admission) -> str:
    """The stay, for those who may see it; else the queue."""
    sees = current_user.may("ipd.view | ipd.view_own")
    return url_for("ipd.show", record_id=admission.id) if sees else url_for("ipd.request_index")


@module.form("/<int:record_id>/newborn", needs="add | register")
def newborn(record_id: int):
    """Register a child that is born here."""
    mother, form = get_or_404(Admission, record_id), NewbornForm()
    child = once(form, Admission, lambda: form.save(mother))
    if child is None:
        words = {"heading": _("Register a newborn"), "back": url_for(".show", record_id=record_id)}
        return form_page("ipd/form.html", form, admission=mother, **words)
    flash(_("{name} is registered and waits for a cot.", name=child.patient), "success")
    return go(url_for(".request_index", **{"for": child.id}))


@module.moves(
    Admission,
    "/admissions",
    cancel=CancelForm,
    **dict.fromkeys(("admit", "order_discharge", "revoke_discharge", "discharge")),
)
def after_request(admission: Admission) -> str:
    """Back to the queue, or to the stay once it has begun."""
    return after_admitting(admission) if admission.admitted_at else url_for("ipd.request_index")
