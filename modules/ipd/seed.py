"""The stays of a demonstration hospital: those of sixty days, who lies on the wards now, who waits, who leaves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa

from modules.doctors.api import Doctor, active_doctors, invent_prescriptions
from modules.ipd.admitting import request_admission
from modules.ipd.care_seed import expected_today, kept, let_some_leave, made_at, note_care
from modules.ipd.models import Admission
from modules.nurses.api import invent_stays, invent_vitals
from modules.patients.api import Encounter, Patient
from modules.rooms.api import Bed, BedAllocation, Room, Ward, free_beds
from portal.kit import _, db, next_number, now
from portal.kit.demo import HospitalSize, users_by_role
from portal.kit.models import StatusLog

DAYS, FULL, PATIENTS_TO_A_BED, EMPTY_HOURS = 60, 0.70, 30, 150
LONGEST, USUAL = 9, 2.5
SMALL_BEDS = ("cot", "bassinet")
# Why somebody is admitted, the diagnosis, from which age on.
REASONS = (
    (_("Fever and cough for three days"), _("Pneumonia"), 16),
    (_("Chest pain"), _("Angina, to be ruled out"), 35),
    (_("Pain in the right lower abdomen"), _("Acute appendicitis"), 5),
    (_("Fall at home, pain in the hip"), _("Fracture of the neck of the femur"), 60),
    (_("Short of breath, swollen legs"), _("Heart failure"), 50),
    (_("Vomiting and dry"), _("Gastroenteritis"), 0),
    (_("Wheezing"), _("Asthma, worse"), 2),
    (_("Sugar out of control"), _("Type 2 diabetes"), 35),
    (_("Planned operation"), _("Gallstones"), 30),
    (_("Weakness of one side"), _("Stroke"), 55),
)
BIRTH = (_("Labour at term"), _("Normal birth"))
DIETS = (_("Normal"), _("Normal"), _("Soft"), _("Diabetic"), _("Low salt"), _("Fluids only"))


@dataclass
class Place:
    """A bed with its ward, and since when somebody lies in it."""

    bed: Bed
    ward: Ward
    taken_at: datetime | None = None


def seed(hospital_size: HospitalSize, random: Random) -> None:
    """Invent the stays, bed by bed, so that nobody lies in two beds and no bed holds two."""
    doctors, patients = active_doctors(), _patients(random)
    if not doctors or not patients:
        return
    places = _places()
    users = {role: user.id for role, user in users_by_role().items()}
    scene = Scene(random, doctors, patients, users.get("doctor"), users.get("nurse"))
    free = {bed.id for bed in free_beds(room_kind="ward_room")}
    usable = [place for place in places if place.bed.id in free]
    here = [scene.present_in(place) for place in random.sample(usable, min(len(usable), round(FULL * len(places))))]
    pause = EMPTY_HOURS * max(0.0, len(places) * PATIENTS_TO_A_BED / hospital_size.patients - 1)
    past = [stay for place in places for stay in scene.past_of(place, pause)]
    rows = scene.keep([stay for stay in (*past, *here) if stay])
    note_care(random, rows, scene.by, scene.nurse)
    let_some_leave(random, [one for one in rows if one.status == "admitted"])
    _some_wait(scene, max(2, hospital_size.patients // 250))
    query = sa.select(Encounter).where(Encounter.encounter_class == "IMP")
    stays = db.session.scalars(query.order_by(Encounter.id)).all()
    invent_prescriptions(random, stays)
    invent_vitals(random, stays)
    invent_stays(random, stays)


def _patients(random: Random) -> list[Patient]:
    """Who may have stayed here: those who are alive and not at a doctor's today, by chance; nobody twice."""
    query = sa.select(Patient).where(Patient.status == "active", Patient.birth_date.is_not(None))
    query = query.where(Patient.id.not_in(expected_today()))
    found = list(db.session.scalars(query.order_by(Patient.id)))
    random.shuffle(found)
    return found


def _places() -> list[Place]:
    query = sa.select(Bed, Ward).join(Room, Room.id == Bed.room_id).join(Ward, Ward.id == Room.ward_id)
    return [Place(bed, ward) for bed, ward in db.session.execute(query.where(Bed.is_active).order_by(Bed.id))]


@dataclass
class Planned:
    """A stay that is invented: who, where, from when to when."""

    patient: Patient
    place: Place
    doctor: Doctor
    reason: str
    diagnosis: str
    begin: datetime
    end: datetime | None


class Scene:
    """What is needed to invent stays."""

    def __init__(self, random: Random, doctors: Sequence[Doctor], patients: list[Patient], by: int | None, nurse):
        self.random, self.doctors, self.patients, self.by, self.nurse = random, doctors, patients, by, nurse

    def present_in(self, place: Place) -> Planned | None:
        """Somebody who lies in the bed now."""
        place.taken_at = now() - timedelta(hours=self.random.uniform(2, 100))
        return self._plan(place, place.taken_at, None)

    def past_of(self, place: Place, pause: float) -> Iterator[Planned | None]:
        """The stays of sixty days that ended, one after the other in a bed; the fewer patients, the longer between."""
        until = (place.taken_at or now() - timedelta(days=1)) - timedelta(hours=4)
        at = now() - timedelta(days=DAYS, hours=self.random.uniform(0, 60))
        while True:
            begin = at + timedelta(hours=self.random.uniform(8, 90) + self.random.uniform(0, 2 * pause))
            if begin + timedelta(days=1) > until:
                return
            at = min(begin + timedelta(days=self.random.triangular(1, LONGEST, USUAL)), until)
            yield self._plan(place, begin, at)

    def _plan(self, place: Place, begin: datetime, end: datetime | None) -> Planned | None:
        patient = self._somebody(place, begin)
        if patient is None:
            return None
        reason, diagnosis = self.why(patient, begin)
        years = (begin.date() - patient.birth_date).days // 365
        if place.ward.kind == "maternity":
            reason, diagnosis = BIRTH if years > 3 else (_("Newborn, with its mother"), _("Healthy newborn"))
        here = [one for one in self.doctors if one.department_id == place.ward.department_id]
        doctor = self.random.choice(here or list(self.doctors))
        return Planned(patient, place, doctor, reason, diagnosis, begin, end)

    def why(self, patient: Patient, at: datetime) -> tuple[str, str]:
        """A reason to stay and a diagnosis that fit the age."""
        years = (at.date() - patient.birth_date).days // 365
        return self.random.choice([row[:2] for row in REASONS if row[2] <= years])

    def _somebody(self, place: Place, begin: datetime) -> Patient | None:
        """The next patient whom the bed takes."""
        for position, patient in enumerate(self.patients):
            if _fits(patient, place, begin):
                return self.patients.pop(position)
        return None

    def keep(self, planned: list[Planned]) -> list[Admission]:
        """Keep the stays with their visits, beds and the log of what happened: a few statements for all."""
        visits = kept([self._visit(one) for one in planned])
        rows = kept([self._admission(one, visit) for one, visit in zip(planned, visits, strict=True)])
        kept([_lain(one, row) for one, row in zip(planned, rows, strict=True)])
        for one in planned:
            if one.end is None:
                one.place.bed.status = "occupied"
        db.session.flush()
        _tell_lives(rows, self.by, self.nurse)
        return rows

    def _visit(self, one: Planned) -> Encounter:
        return Encounter(
            patient_id=one.patient.id,
            encounter_class="IMP",
            status="finished" if one.end else "in_progress",
            started_at=one.begin,
            ended_at=one.end,
            doctor_id=one.doctor.id,
            department_id=one.place.ward.department_id,
            reason=one.reason,
            active_key=None if one.end else f"{one.patient.id}:IMP",
            **made_at(one.begin, self.by),
        )

    def _admission(self, one: Planned, visit: Encounter) -> Admission:
        days = self.random.randint(2, 8)
        leaves = one.begin + timedelta(days=days)
        return Admission(
            number=next_number("admission", "IPD"),
            encounter_id=visit.id,
            patient_id=one.patient.id,
            source=self.random.choice(("opd", "emergency", "emergency", "direct", "transfer_in")),
            requested_by=one.doctor.id,
            attending_id=one.doctor.id,
            department_id=one.place.ward.department_id,
            ward_wanted_id=one.place.ward.id,
            priority=self.random.choice(("routine", "routine", "urgent", "emergency")),
            reason=one.reason,
            provisional_dx=one.diagnosis,
            expected_days=days,
            diet=self.random.choice(DIETS),
            code_status="dnr" if self.random.random() < 0.04 else "full",
            status="discharged" if one.end else "admitted",
            requested_at=one.begin - timedelta(hours=self.random.uniform(0.5, 4)),
            admitted_at=one.begin,
            expected_discharge_on=max(leaves, now() + timedelta(days=1)).date() if one.end is None else leaves.date(),
            discharge_ordered_at=one.end and max(one.begin, one.end - timedelta(hours=3)),
            discharged_at=one.end,
            disposition=one.end and self.random.choices(("home", "other_facility", "against_advice"), (92, 5, 3))[0],
            active_key=None if one.end else str(one.patient.id),
            **made_at(one.begin, self.by),
        )


def _fits(patient: Patient, place: Place, begin: datetime) -> bool:
    """The ward takes the patient at that time (ROOM-6), who was registered by then."""
    if patient.created_at > begin:
        return False
    years = (begin.date() - patient.birth_date).days / 365.25
    if place.bed.bed_type in SMALL_BEDS:
        return 0 <= years < 1
    if place.ward.kind == "paediatric":
        return 1 <= years < 15
    if place.ward.kind == "maternity":
        return patient.sex == "female" and 18 <= years <= 45
    return years >= 16 and place.ward.gender_policy in ("any", patient.sex)


def _lain(one: Planned, row: Admission) -> BedAllocation:
    """The bed of a stay; the keys are set while somebody lies in it."""
    return BedAllocation(
        bed_id=one.place.bed.id,
        patient_id=one.patient.id,
        encounter_id=row.encounter_id,
        admission_id=row.id,
        status="ended" if one.end else "active",
        starts_at=one.begin,
        ends_at=one.end,
        end_reason="discharge" if one.end else None,
        active_bed_id=None if one.end else one.place.bed.id,
        active_patient_id=None if one.end else one.patient.id,
        **made_at(one.begin, row.created_by),
    )


def _tell_lives(rows: list[Admission], doctor: int | None, nurse: int | None) -> None:
    """What happened to each stay, as its page tells it."""
    logs = []
    for row in rows:
        logs.append(_log(row, "requested", "admitted", row.admitted_at, nurse))
        if row.discharged_at:
            logs.append(_log(row, "admitted", "discharge_ordered", row.discharge_ordered_at, doctor))
            logs.append(_log(row, "discharge_ordered", "discharged", row.discharged_at, nurse))
    if logs:
        db.session.execute(sa.insert(StatusLog), logs)


def _log(row: Admission, before: str, after: str, at: datetime, by: int | None) -> dict:
    names = {"content_type": Admission.__tablename__, "object_id": row.id, "from_status": before, "to_status": after}
    return names | {"at": at, "actor_id": by, "note": ""}


def _some_wait(scene: Scene, count: int) -> None:
    """Some ask for a bed, and one of them is on the waiting list."""
    for number in range(min(count, len(scene.patients))):
        patient, doctor = scene.patients.pop(), scene.random.choice(scene.doctors)
        reason, diagnosis = scene.why(patient, now())
        more = {
            "provisional_dx": diagnosis,
            "priority": ("urgent", "routine", "emergency")[number % 3],
            "expected_days": 3,
        }
        source = ("emergency", "opd", "direct")[number % 3]
        one = request_admission(patient, None, doctor, doctor.department_id, reason, source, **more)
        one.requested_at = now() - timedelta(minutes=scene.random.randint(15, 300))
        if number == 1:
            one.await_bed()
