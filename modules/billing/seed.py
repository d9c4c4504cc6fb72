"""Who pays for the patients of a demonstration hospital: the insurers, and the policies of one patient in five."""

from datetime import timedelta
from decimal import Decimal
from random import Random

from modules.billing.models import Insurer
from modules.billing.price_seed import set_prices
from modules.patients.api import insure, latest_patients
from portal.kit import _, db, today
from portal.kit.demo import HospitalSize

INSURED = 0.20
# Code, name, days until it pays, plans.
INSURERS = (
    ("AVM", "Avicenna Mutual", 30, (_("Standard"), _("Family"))),
    ("CRA", "Cedar and Reed Assurance", 45, (_("Basic"), _("Plus"))),
    ("HLH", "Harbour Lamp Health", 30, (_("Hospital only"), _("Complete"))),
    ("SBC", "Seven Bridges Care", 60, (_("Employees"),)),
)


def seed(hospital_size: HospitalSize, random: Random) -> None:
    """Invent the insurers, then policies: most of them pay, some ended, are not checked yet or were cancelled."""
    insurers = [(Insurer(code=code, name=name, terms_days=days), plans) for code, name, days, plans in INSURERS]
    db.session.add_all(insurer for insurer, _plans in insurers)
    db.session.flush()
    patients = [one for one in latest_patients(hospital_size.patients) if one.status == "active"]
    numbers = random.sample(range(10**8), len(patients))
    for patient, number in zip(random.sample(patients, round(len(patients) * INSURED)), numbers, strict=False):
        insurer, plans = random.choice(insurers)
        begins = today() - timedelta(days=random.randint(20, 700))
        policy = insure(
            patient,
            insurer_id=insurer.id,
            policy_no=f"{insurer.code}-{number:08d}",
            plan=random.choice(plans),
            valid_from=begins,
            valid_to=random.choice((None, begins + timedelta(days=365))),
            coverage_pct=Decimal(random.choice((60, 80, 80, 100))),
            copay=Decimal(random.choice((0, 0, 5, 10))),
        )
        chance = random.random()
        if chance > 0.1:
            policy.activate()
        if chance > 0.95:
            policy.cancel_policy()
    set_prices(random)
