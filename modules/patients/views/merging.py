"""The wizard that merges two records of one patient: find the other one, compare both, say why, done."""

import sqlalchemy as sa
from flask import abort, current_app, flash, request, url_for
from wtforms import BooleanField, ValidationError

from modules.patients import module
from modules.patients.find import listed, searched
from modules.patients.forms.patient import EditForm
from modules.patients.look_alikes import LookAlike, look_alikes
from modules.patients.merging import columns_naming_a_patient, merge, sexes_differ
from modules.patients.models import MergeLog, Patient
from modules.patients.mrn import is_mistyped_mrn, read_mrn
from portal.kit import _, db, form_page, get_or_404, go, once, page
from portal.kit.forms import NewForm, Pick, Text, id_or_none
from portal.kit.models import Attachment

MOST_FOUND = 20


class MergeForm(NewForm):
    """Asks which of two records is kept, why, and for the number of the other one, so that nobody errs."""

    kept = Pick(_("Record to keep"), _("Select the record to keep"), coerce=id_or_none)
    reason = Text(_("Reason"), 200, _("Enter the reason"))
    mrn = Text(_("Number of the record that disappears"), 20, _("Enter the number of the record that disappears"))
    sexes_checked = BooleanField(_("The sexes differ: I have checked that it is one person"))

    @classmethod
    def of(cls, one: Patient, other: Patient) -> "MergeForm":
        """The form for two records; one that is not active cannot disappear. The older one is kept unless told."""
        form, pair = cls(), (one, other)
        may_be = [
            (kept, gone) for kept, gone in (pair, pair[::-1]) if gone.status == "active" and not kept.merged_into_id
        ]
        form.known = {kept.id: (kept, gone) for kept, gone in may_be}
        form.kept.choices = [(kept.id, f"{kept}, {kept.mrn}") for kept, _gone in form.known.values()]
        if not form.is_submitted() and form.known:
            kept, _gone = min(form.known.values(), key=lambda both: (both[0].is_temporary, both[0].id))
            form.kept.data = kept.id
        return form

    def validate_mrn(self, field) -> None:
        """The number must be that of the record which is not kept."""
        _kept, gone = self.known.get(self.kept.data, (None, None))
        if gone and field.data and read_mrn(field.data, gone.mrn.partition("-")[0]) != gone.mrn:
            raise ValidationError(_("Enter {mrn}, the number of the record that disappears", mrn=gone.mrn))

    def merge(self) -> MergeLog:
        """Merge as answered; raises what `merging.merge` raises."""
        kept, gone = self.known[self.kept.data]
        return merge(kept, gone, self.reason.data, sexes_checked=self.sexes_checked.data)


@module.search("/<int:record_id>/merge", needs="merge")
def merge_find(record_id: int):
    """Find the other record of the same person; those that look the same are offered at once."""
    patient = get_or_404(Patient, record_id)
    q = request.form.get("q", "").strip()
    slip = is_mistyped_mrn(q)
    found = [] if slip or not q else others(patient, q)
    return page("patients/merge_find.html", patient=patient, q=q, slip=slip, found=found, alike=twins_of(patient))


def others(patient: Patient, q: str) -> list[LookAlike]:
    """The records that the words find, without this one and those that were merged."""
    query = searched(listed(), q).where(Patient.id != patient.id, Patient.status != "merged")
    rows = db.session.scalars(query.order_by(Patient.name_search, Patient.id).limit(MOST_FOUND + 1))
    return [LookAlike(one, ()) for one in rows]


def twins_of(patient: Patient) -> list[LookAlike]:
    """The records that look the same as this one."""
    facts = {name: getattr(patient, name) for name in ("first_name", "last_name", "birth_date", "phone")}
    return [one for one in look_alikes(**facts) if one.patient.id != patient.id]


@module.form("/<int:record_id>/merge/<int:other_id>", needs="merge")
def merge_two(record_id: int, other_id: int):
    """Compare two records, choose which one is kept, and merge them."""
    one, other = two_records(record_id, other_id)
    form = MergeForm.of(one, other)
    log = once(form, MergeLog, form.merge)
    if log is None:
        return form_page("patients/merge_two.html", form, **preview(one, other))
    flash(_("The two records are one now."), "success")
    return go(url_for(".show", record_id=log.kept_id))


def two_records(record_id: int, other_id: int) -> tuple[Patient, Patient]:
    """Both records; a 404 page where one is missing or both are the same."""
    if record_id == other_id:
        abort(404)
    return get_or_404(Patient, record_id, hold=False), get_or_404(Patient, other_id, hold=False)


def preview(one: Patient, other: Patient) -> dict:
    """What the page compares: the facts of both, and how many rows of each kind belong to them."""
    forms = EditForm(formdata=None, obj=one), EditForm(formdata=None, obj=other)
    return {
        "pair": (one, other),
        "facts": [fields for fields in zip(*forms, strict=True) if fields[0].name not in ("csrf_token", "version")],
        "counts": row_counts(one, other),
        "differ": sexes_differ(one, other),
    }


def row_counts(one: Patient, other: Patient) -> list[tuple[str, int, int]]:
    """How many rows of each kind name the two, in one query: the kind in words, and both numbers."""
    ids = (one.id, other.id)
    of_records = Attachment.content_type == Patient.__tablename__
    each = [_counted(column, ids) for column in columns_naming_a_patient()]
    each.append(_counted(Attachment.object_id, ids).where(of_records))
    counted: dict[str, dict[int, int]] = {}
    for table, patient_id, count in db.session.execute(sa.union_all(*each)):
        counted.setdefault(table, {})[patient_id] = count
    kinds = {column.class_.__tablename__: column.class_ for column in columns_naming_a_patient()}
    kinds[Attachment.__tablename__] = Attachment
    return [
        (_kind_in_words(kinds[table]), by_id.get(one.id, 0), by_id.get(other.id, 0))
        for table, by_id in sorted(counted.items())
    ]


def _counted(column, ids: tuple[int, int]) -> sa.Select:
    table = sa.literal(column.class_.__tablename__)
    return sa.select(table, column, sa.func.count()).where(column.in_(ids)).group_by(column)


def _kind_in_words(model: type) -> str:
    """Such as “Billing: charge item”; what the portal keeps for every module has no name before it."""
    if model is Patient:
        return _("Patients: record merged earlier")
    module_name = model.__tablename__.partition("_")[0]
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in model.__name__).strip()
    if module_name == "core":
        return words.capitalize()
    return f"{current_app.extensions['modules'][module_name].menu_label}: {words}"
