"""The lives of records: every move that the catalogue gives them and no other, and some of them from end to end.

The lines below are the **States** lines of modules.md §3 to §21, with “any open” and “any free” spelled out.
"""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from inspect import signature
from itertools import pairwise

import pytest
import sqlalchemy as sa

from modules.appointments.models import Appointment
from modules.billing.models import Invoice
from modules.doctors.models import Doctor, Prescription, PrescriptionItem
from modules.emergency.models import Visit
from modules.hr.models import LeaveRequest
from modules.ipd.models import Admission, Clearance
from modules.laboratory.models import OrderItem, Sample
from modules.nurses.models import MedicationAdministration
from modules.opd.models import Token
from modules.rooms.models import Bed, BedAllocation
from portal.extensions import db
from portal.kit import Choice, Record, Refused, WrongState, day_bounds, now, today
from portal.kit.discovery import discover
from portal.kit.models import StatusLog
from portal.kit.states import transitions_of
from portal.record import Actor
from portal.tenancy.current import in_hospital
from tests.filled_tables import fill_hospital

AT_WORK = 3
STATED = {
    "appointments_appointment": """requested → scheduled | cancelled; scheduled → checked_in | cancelled | no_show |
        rescheduled; checked_in → in_consultation | cancelled; in_consultation → completed; no_show → checked_in""",
    "doctors_prescription": """draft → active → partially_dispensed → completed; draft | active → cancelled;
        active | partially_dispensed → stopped""",
    "nurses_medicationadministration": """scheduled → completed | not_done | on_hold; on_hold → scheduled;
        scheduled | on_hold → stopped""",
    "nurses_task": "requested → in_progress → completed; requested | in_progress → cancelled",
    "billing_chargeitem": """planned → billable → billed; planned | billable → aborted | not_billable;
        billed → billable""",
    "billing_invoice": """draft → issued → partially_paid → paid; issued → paid; draft → cancelled; issued → cancelled;
        paid | partially_paid → refunded""",
    "billing_refund": "requested → approved → paid | rejected",
    "billing_claim": """draft → submitted → queried → submitted;
        submitted → approved | partially_approved | rejected → settled""",
    "laboratory_orderitem": """ordered → collected → received → in_process → resulted → verified;
        verified → amended → verified; ordered | collected → cancelled; collected | received | in_process → ordered""",
    "laboratory_sample": """to_collect → collected → received → disposed;
        to_collect | collected | received → rejected""",
    "laboratory_order": "active → partially_completed → completed; active | partially_completed → cancelled",
    "radiology_order": """requested → scheduled → arrived → in_progress → performed → reported → verified;
        verified → amended; requested | scheduled | arrived → cancelled""",
    "emergency_visit": """arrived → triaged → in_treatment → observation → in_treatment;
        in_treatment | observation → awaiting_bed | departed; awaiting_bed → departed;
        arrived | triaged → left_without_being_seen;
        arrived | triaged | in_treatment | observation | awaiting_bed → deceased""",
    "inventory_purchaseorder": """draft → submitted → approved → partially_received → received → closed;
        draft | submitted | approved → cancelled""",
    "inventory_requisition": "draft → submitted → approved | rejected; approved → issued → received",
    "inventory_dispense": "draft → completed → partially_returned | returned; draft → cancelled",
    "inventory_stockcount": "draft → counting → reviewed → posted; draft | counting | reviewed → cancelled",
    "inventory_batch": "available ↔ quarantined; available → expired | recalled",
    "analytics_reportrun": "queued → running → done | failed; failed → queued",
    "hr_roster": "planned → published → worked | absent; planned | published → cancelled",
    "hr_leaverequest": "draft → submitted → approved | rejected; submitted | approved → cancelled",
    "hr_payrollrun": "draft → reviewed → approved → paid",
    "surgery_case": """requested → scheduled → pre_op → in_progress → recovery → completed;
        requested | scheduled | pre_op → cancelled; scheduled | pre_op → postponed → scheduled""",
    "telemedicine_session": """scheduled → waiting → in_progress → completed; scheduled | waiting → cancelled | no_show;
        in_progress → failed → in_progress | completed""",
    "rooms_bed": """available → reserved → occupied → cleaning → available; available → occupied; reserved → available;
        available | cleaning → maintenance → available; available | cleaning | maintenance → blocked → cleaning""",
    "opd_token": "issued → called → serving → done; called → skipped → issued; issued | called → cancelled",
    "opd_visit": """registered → vitals_done → in_consultation → awaiting_results → in_consultation → completed;
        registered → in_consultation; registered | vitals_done → left""",
    "ipd_admission": """requested → waiting_bed → admitted → discharge_ordered → discharged; requested → admitted;
        discharge_ordered → admitted; requested | waiting_bed → cancelled""",
    "notifications_delivery": "queued → sent → delivered; queued → failed → queued; queued → suppressed",
    "contact_enquiry": """new → assigned → answered → closed; answered → reopened → assigned;
        new | assigned → spam""",
    "feedback_complaint": "open → investigating → resolved → closed; resolved → reopened → investigating",
    "feedback_incident": "reported → reviewing → action → closed",
}
# What the catalogue lists as words only, and the steps its text needs that no States line has.
UNSAID = {
    "appointments_waitlist": "waiting → offered | expired; offered → booked | waiting | expired",
    "doctors_doctor": "active ↔ on_leave; active ↔ inactive",
    "doctors_prescription": "active → completed",  # All of it is dispensed at once (§24, row 14).
    "doctors_prescriptionitem": "active → completed | stopped | cancelled",
    "doctors_referral": "requested → accepted | declined; accepted → completed",
    "nurses_nurse": "active ↔ on_leave; active ↔ inactive",
    "billing_payment": "completed → voided",
    "billing_refund": "requested → rejected",  # Who may approve may also say no at once.
    "billing_discountrequest": "pending → approved | rejected",
    "laboratory_order": "active → completed",  # An order of one test has no part to complete (§24, rows 6 to 9).
    "laboratory_result": "preliminary → final → amended; preliminary | final | amended → entered_in_error",
    "laboratory_report": "registered → partial → preliminary → final → amended; registered → preliminary | final;"
    "partial → final",
    "radiology_report": "draft → preliminary → final → amended; draft → final",
    "emergency_ambulance": "available → dispatched → on_scene → to_hospital → at_hospital → available;"
    "available ↔ out_of_service",
    "inventory_purchaseorder": "approved → received",  # One delivery brings everything.
    "hr_shiftswap": "requested → approved | rejected | cancelled",
    "rooms_room": "active ↔ maintenance; active | maintenance → closed → active",
    "rooms_bedallocation": "reserved → active | cancelled; active → ended",
    "rooms_maintenance": "open → in_progress → done",
    "opd_queue": "open ↔ paused; open | paused → closed",
    "opd_token": "serving → issued",  # Back to the front of the queue when results are final (OPD-7).
    "opd_consultation": "draft → signed → amended",
    "ipd_clearance": "pending → cleared | waived",
    "ipd_dischargesummary": "draft → signed → amended",
}
WITHOUT_A_LIFE = {"hr_attendance"}  # What a day was is a fact; it is corrected, and does not move.

WITH_A_LIFE = sorted({*STATED, *UNSAID})
OURS = {table.partition("_")[0] for table in WITH_A_LIFE}

discover()
MODELS = {
    mapper.class_.__tablename__: mapper.class_
    for mapper in db.Model.registry.mappers
    if mapper.class_.__module__.split(".")[1] in OURS and "status" in mapper.columns
}


def moves_in(line: str) -> set[tuple[str, str]]:
    """The moves that a States line draws: `a → b | c; c ↔ d` has four."""
    moves = set()
    for chain in re.sub(r"\(.*?\)", "", line).split(";"):
        words = [[word.strip() for word in side.split("|")] for side in re.split("[→↔]", chain)]
        for before, after in pairwise(words):
            moves |= {(source, target) for source in before for target in after}
            if "↔" in chain:
                moves |= {(target, source) for source in before for target in after}
    return moves


def specified(table: str) -> set[tuple[str, str]]:
    """Every move of the catalogue for this table."""
    return moves_in(STATED.get(table, "")) | moves_in(UNSAID.get(table, ""))


def declared(model: type[Record]) -> set[tuple[str, str]]:
    """Every move that the model declares."""
    return {(source, move.target) for move in transitions_of(model) for source in move.sources}


def drawn(moves: set[tuple[str, str]]) -> str:
    """Moves as people read them."""
    return "; ".join(f"{source} → {target}" for source, target in sorted(moves))


def test_a_states_line_is_read_as_people_read_it():
    line = "a → b | c (at once); c ↔ d"
    assert moves_in(line) == {("a", "b"), ("a", "c"), ("c", "d"), ("d", "c")}


def test_every_record_with_a_status_has_a_life():
    assert sorted(MODELS) == sorted({*WITH_A_LIFE, *WITHOUT_A_LIFE})
    assert [name for name in WITHOUT_A_LIFE if transitions_of(MODELS[name])] == []


def test_what_is_added_to_a_states_line_is_not_in_it():
    assert [name for name in STATED.keys() & UNSAID if moves_in(STATED[name]) & moves_in(UNSAID[name])] == []


@pytest.mark.parametrize("table", WITH_A_LIFE)
def test_a_record_has_the_moves_of_the_catalogue_and_no_other(table):
    lost, extra = specified(table) - declared(MODELS[table]), declared(MODELS[table]) - specified(table)
    assert not lost, f"{table} has lost {drawn(lost)}"
    assert not extra, f"{table} can move where the catalogue does not say so: {drawn(extra)}"


@pytest.mark.parametrize("table", WITH_A_LIFE)
def test_the_docstring_of_a_record_draws_its_life(table):
    lines = [line for line in (MODELS[table].__doc__ or "").splitlines() if re.search("[→↔]", line)]
    drawn_there = moves_in(";".join(line.strip().rstrip(";") for line in lines))
    assert drawn(drawn_there) == drawn(declared(MODELS[table]))


# --- rows in a hospital --------------------------------------------------------------------------------------------


@pytest.fixture
def row(app, hospital, monkeypatch):
    """Gives the first row of a model with these values, in a full hospital where one of its users is at work.

    What other modules make of a move is theirs to test, so nobody hears of it here.
    """
    fill_hospital(app, hospital, "Spatz")
    monkeypatch.setattr(Actor, "find_id", staticmethod(lambda: AT_WORK))
    monkeypatch.setattr("portal.kit.states.emit", lambda name, record: None)

    def first(model: type[Record], **values) -> Record:
        db.session.execute(sa.update(model).where(model.id == 1).values(values))
        db.session.commit()
        return db.session.get_one(model, 1)

    with app.app_context(), in_hospital(hospital):
        yield first


def columns_of(model: type[Record]) -> set[str]:
    """The names under which a model keeps its columns."""
    return {attribute.key for attribute in sa.inspect(model).column_attrs}


def kept(record: Record) -> dict:
    """All that the database keeps of a record, and how often it has moved."""
    db.session.refresh(record)
    columns = {name: getattr(record, name) for name in columns_of(type(record))}
    return columns | {"moves": db.session.scalar(sa.select(sa.func.count(StatusLog.id)))}


def refuses(record: Record, name: str, *answers) -> None:
    """The move is not possible now, and trying it changes nothing."""
    before = kept(record)
    with pytest.raises(WrongState):
        getattr(record, name)(*answers)
    assert kept(record) == before


def is_now(*moments: datetime) -> bool:
    """All of these are this moment."""
    return all(timedelta() <= now() - moment < timedelta(minutes=1) for moment in moments)


def path_of(record: Record) -> list[str]:
    """The states a record has moved to since it was made."""
    log = sa.select(StatusLog).where(StatusLog.content_type == record.__tablename__, StatusLog.object_id == record.id)
    return [entry.to_status for entry in db.session.scalars(log.where(StatusLog.id > 3).order_by(StatusLog.id))]


KINDS = {"UTCDateTime": datetime, "Money": Decimal, "Qty": Decimal, "Fixed": Decimal}


def made_up(model: type[Record], name: str):
    """An answer to what a move asks: for a column of its type, for anything else words."""
    column = model.__table__.c.get(name)
    if column is None:
        return "Because"
    if isinstance(column.type, Choice):
        return column.type.enums[-1]
    if column.foreign_keys:
        return 2
    kinds = {datetime: now(), date: today(), Decimal: Decimal(2), int: 2, str: "Because"}
    return kinds[KINDS.get(type(column.type).__name__) or column.type.python_type]


def doctor_at_work() -> int:
    """The doctor who is at work: they sign what is theirs and answer what they are asked; nothing is dispensed yet."""
    db.session.execute(sa.update(PrescriptionItem).values(dispensed_qty=0))
    db.session.execute(sa.update(Doctor).values(user_id=None))
    db.session.execute(sa.update(Doctor).where(Doctor.id == 1).values(user_id=AT_WORK, license_expiry=today()))
    return 1


def signed_prescription() -> int:
    """Drugs are stopped once they are signed for; a draft drops them."""
    db.session.execute(sa.update(Prescription).where(Prescription.id == 1).values(status="active"))
    return 1


READY = {  # What a row must hold before some of its moves.
    "appointments_appointment": lambda move: {"starts_at": now(), "ends_at": now() + timedelta(minutes=20)},
    "billing_invoice": lambda move: {"paid_total": 0, "refunded_total": 0},
    "hr_leaverequest": lambda move: {"date_from": today() + timedelta(days=1)},
    "emergency_visit": lambda move: {"doctor_id": 1},
    "doctors_prescription": lambda move: {"doctor_id": doctor_at_work()},
    "doctors_prescriptionitem": lambda move: {"dispensed_qty": 0, "prescription_id": signed_prescription()},
    "doctors_referral": lambda move: {"to_doctor_id": doctor_at_work()},
    "ipd_clearance": lambda move: {"kind": move.name.removeprefix("clear_")} if move.target == "cleared" else {},
}


@pytest.mark.parametrize("table", WITH_A_LIFE)
def test_every_move_leads_from_each_of_its_states_and_keeps_what_was_answered(table, row):
    model = MODELS[table]
    columns = columns_of(model)
    for move in transitions_of(model):
        answers = {name: made_up(model, name) for name in list(signature(getattr(model, move.name)).parameters)[1:]}
        for source in move.sources:
            record = row(model, status=source, **READY.get(table, lambda move: {})(move))
            getattr(record, move.name)(**answers)
            known = columns | set(sa.inspect(model).relationships.keys())
            strays = {name for name in vars(record) if not name.startswith("_")} - known
            assert not strays, f"{move.name} sets {strays}, which the table does not have"
            now_kept = kept(record)
            assert now_kept["status"] == move.target
            wrong = {name for name in answers.keys() & columns if now_kept[name] != answers[name]}
            assert not wrong, f"{move.name} does not keep {wrong}"
            db.session.rollback()


def test_an_appointment_is_asked_for_kept_and_completed(row):
    appointment = row(Appointment, status="requested")
    appointment.confirm()
    refuses(appointment, "start")
    appointment.check_in()
    appointment.start()
    appointment.complete()
    assert is_now(appointment.checked_in_at, appointment.started_at, appointment.completed_at)
    assert path_of(appointment) == ["scheduled", "checked_in", "in_consultation", "completed"]
    refuses(appointment, "cancel", "patient", "Ill")


def test_a_patient_who_did_not_come_is_checked_in_late_on_the_same_day_only(row):
    begin, _end = day_bounds(today())
    for late, status in ((timedelta(), "checked_in"), (timedelta(minutes=1), "no_show")):
        appointment = row(Appointment, status="scheduled", starts_at=begin - late, ends_at=begin + timedelta(hours=1))
        appointment.mark_no_show()
        db.session.commit()
        if late:
            with pytest.raises(Refused, match="was on another day"):
                appointment.check_in_late()
            db.session.rollback()
        else:
            appointment.check_in_late()
        assert appointment.status == status


def test_a_bed_is_kept_lain_in_cleaned_and_free_again(row):
    bed, hold = row(Bed), row(BedAllocation, status="reserved", active_bed_id=1, active_patient_id=1, ends_at=None)
    bed.reserve()
    bed.occupy()
    hold.begin()
    assert (hold.active_bed_id, hold.active_patient_id, hold.reserved_until) == (1, 1, None)
    refuses(bed, "mark_clean")
    refuses(hold, "cancel")
    bed.vacate()
    hold.end("discharge")
    bed.mark_clean()
    assert path_of(bed) == ["reserved", "occupied", "cleaning", "available"]
    assert is_now(hold.starts_at, hold.ends_at)
    assert (hold.active_bed_id, hold.active_patient_id, hold.end_reason) == (None, None, "discharge")


def test_a_prescription_is_signed_and_dispensed_in_two_parts(row):
    prescription = row(Prescription, doctor_id=doctor_at_work())
    refuses(prescription, "dispense_part")
    for move in ("sign", "dispense_part", "complete"):
        getattr(prescription, move)()
    assert path_of(prescription) == ["active", "partially_dispensed", "completed"]
    assert is_now(prescription.prescribed_at)
    refuses(prescription, "stop")


def test_an_invoice_gets_its_number_when_it_is_issued_and_is_paid_and_refunded_fully(row):
    invoice = row(Invoice, number=None, total=100, paid_total=0, refunded_total=0, credited_total=0)
    refuses(invoice, "pay")
    invoice.issue(today() + timedelta(days=30))
    assert invoice.number.endswith("-000001")
    assert is_now(invoice.issued_at)
    invoice.pay_part()
    invoice.paid_total = 100
    invoice.pay()
    invoice.refunded_total = 40
    db.session.commit()
    with pytest.raises(Refused, match="Not all"):
        invoice.refund()
    db.session.rollback()
    invoice.refunded_total = 100
    invoice.refund()
    assert path_of(invoice) == ["issued", "partially_paid", "paid", "refunded"]


def test_an_invoice_for_which_something_was_paid_cannot_be_cancelled(row):
    invoice = row(Invoice, status="issued", total=100, paid_total=1, cancel_reason=None)
    with pytest.raises(Refused, match="Write a credit note instead"):
        invoice.cancel("Wrong patient")
    db.session.rollback()
    assert (invoice.status, invoice.cancel_reason) == ("issued", None)


def test_a_token_that_is_skipped_waits_again_and_its_counter_is_free_when_it_is_done(row):
    token = row(Token, serving_key=None)
    refuses(token, "serve")
    token.call("2")
    token.skip()
    token.requeue()
    assert (token.counter, token.called_at) == (None, None)
    token.call("3")
    token.serve()
    assert token.serving_key == "1:3"
    token.finish()
    assert token.serving_key is None
    assert is_now(token.called_at, token.served_at, token.done_at)
    assert path_of(token) == ["called", "skipped", "issued", "called", "serving", "done"]


def test_an_admission_ends_when_the_patient_has_left_and_not_when_it_is_ordered(row):
    admission = row(Admission, active_key="patient:1")
    admission.await_bed()
    admission.admit()
    refuses(admission, "cancel")
    admission.order_discharge()
    admission.revoke_discharge()
    assert (admission.status, admission.discharge_ordered_at) == ("admitted", None)
    admission.order_discharge()
    assert (admission.active_key, admission.discharged_at) == ("patient:1", None)
    admission.discharge("home")
    assert (admission.active_key, admission.disposition) == (None, "home")
    assert is_now(admission.admitted_at, admission.discharge_ordered_at, admission.discharged_at)


def test_a_clearance_is_given_by_its_own_party(row):
    clearance = row(Clearance, kind="billing")
    with pytest.raises(Refused, match="not yours"):
        clearance.clear_nursing()
    db.session.rollback()
    clearance.clear_billing()
    assert clearance.by == AT_WORK
    assert is_now(clearance.at)


def test_a_test_whose_sample_is_rejected_is_sampled_again_verified_and_amended(row):
    item, sample = row(OrderItem), row(Sample)
    sample.collect()
    item.collect(sample.id)
    sample.receive()
    item.receive()
    sample.reject("Clotted")
    item.send_back()
    assert (sample.collected_by, sample.received_by, sample.reject_reason) == (AT_WORK, AT_WORK, "Clotted")
    assert is_now(sample.collected_at, sample.received_at)
    assert item.sample_id is None
    refuses(item, "verify")
    item.collect(2)
    for move in ("receive", "start", "record_result", "verify", "amend", "verify"):
        getattr(item, move)()
    assert path_of(item)[-5:] == ["in_process", "resulted", "verified", "amended", "verified"]
    refuses(item, "cancel", "Too late")


def test_a_dose_that_was_not_given_needs_a_reason(row):
    """NUR-3, as far as the reason goes."""
    dose = row(MedicationAdministration, reason_not_given=None)
    with pytest.raises(Refused, match="Say why") as refused:
        dose.skip(" ")
    db.session.rollback()
    assert (dose.status, refused.value.field) == ("scheduled", "reason_not_given")
    dose.give(Decimal(1))
    assert (dose.given_by, dose.dose_given) == (AT_WORK, Decimal(1))
    assert is_now(dose.given_at)
    refuses(dose, "skip", "Asleep")


def test_nobody_departs_without_a_disposition_and_a_doctor(row):
    """ER-7."""
    for doctor_id, disposition, sentence in ((1, "", "Say where"), (None, "discharged", "A doctor sees")):
        visit = row(Visit, status="in_treatment", doctor_id=doctor_id, disposition=None)
        with pytest.raises(Refused, match=sentence):
            visit.depart(disposition)
        db.session.rollback()
    visit = row(Visit, status="arrived", doctor_id=None, disposition=None)
    visit.leave_unseen()
    assert (visit.disposition, visit.doctor_id) == ("left_without_being_seen", None)
    assert is_now(visit.disposition_at, visit.departed_at)


def test_leave_that_has_begun_cannot_be_cancelled(row):
    leave = row(LeaveRequest, status="approved", date_from=today())
    with pytest.raises(Refused, match="has begun"):
        leave.cancel()
    db.session.rollback()
    assert leave.status == "approved"
