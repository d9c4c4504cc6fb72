"""What tests of merging share: a hospital that has rows in every table, and two records of one person."""

from datetime import date
from pathlib import Path

from modules.patients.models import Patient
from modules.patients.models.clinical import Allergy
from portal.extensions import db
from portal.tenancy.current import in_hospital
from tests.filled_tables import fill

WHY = "Registered twice"


def fill_tables(app, hospital, settings) -> Path:
    """Give every table of the hospital the rows 1 to 3; its database."""
    app.extensions["engines"].close()
    path = settings.hospitals_dir / f"hospital_{hospital.subdomain}.db"
    fill(path, "Spatz")
    return path


def register_twice(app, hospital) -> tuple[int, int]:
    """Zoë, who is kept, and Zoe, who is merged; of neither is anything known but who they are."""
    with app.app_context(), in_hospital(hospital):
        zoe = {"last_name": "O’Brien", "sex": "female", "birth_date": date(1955, 3, 2)}
        both = [Patient(first_name=name, **zoe).register() for name in ("Zoë", "Zoe")]
        db.session.commit()
        return tuple(one.id for one in both)


def allergic(patient: Patient, substance: str, severity: str) -> Allergy:
    """An allergy of the patient, recorded now."""
    rest = {"category": "medication", "criticality": "high"}
    return Allergy(patient=patient, substance=substance, severity=severity, **rest).add()
