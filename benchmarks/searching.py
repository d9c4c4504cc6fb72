"""Searching: patients found among 50,000 in the ways people search (PAT-7: under 300 ms), and among 500"""

from pathlib import Path
from random import Random

import sqlalchemy as sa
from flask import Flask

from benchmarks.measure import Result, assert_ready, by_turns, opened_by_post, portal, registered
from modules.patients.models import Patient
from modules.patients.mrn import mrn_of
from portal.auth.identity import HospitalIdentity
from portal.auth.models import Permission, User, UserPermission
from portal.clock import now
from portal.extensions import db
from portal.kit.invented import birthday, person
from portal.kit.search import backwards, folded
from portal.provisioning import operations
from portal.tenancy.current import in_hospital
from portal.tenancy.registry import get_hospital
from portal.types import new_uuid

TURNS = 11
FEW, MANY = 500, 50_000
AT_ONCE = 5_000
SEARCHES = {
    "a record number": mrn_of("C", 321),
    "the end of a phone number": "000321",
    "a first name": "amina",
    "one letter of each name": "a b",
    "a name that nobody has": "zzyzx qqq",
}


def measure(folder: Path) -> list[Result]:
    """Each search, as the whole answer to the posted form."""
    results = []
    with portal(folder / "few") as few:
        ask_few = asker(few, FEW)
    with portal(folder / "many") as many:
        ask_many = asker(many, MANY)
    for name, text in SEARCHES.items():
        slow, quick = by_turns(TURNS, ask_many(text), ask_few(text))
        results.append(Result(f"{name}, {MANY:,} patients", f"{FEW} patients", slow, quick))
    return results


def asker(app: Flask, count: int):
    """A hospital with so many patients, and somebody who may search them: a function for each text."""
    operations.perform(registered("clinic"))
    assert_ready(1)
    hospital = get_hospital("clinic")
    with in_hospital(hospital):
        fill(count)
        user = add_reader()
    client = app.test_client()
    with client.session_transaction(base_url="http://clinic.localhost:8000") as session:
        session["_user_id"], session["_fresh"] = HospitalIdentity(hospital, user, user.session_epoch).get_id(), True

    def asking(text: str):
        def ask(turn: int) -> None:
            answer = opened_by_post(client, "/patients/", "clinic.localhost", {"q": text})
            assert b"patient-results" in answer

        return ask

    return asking


def fill(count: int) -> None:
    """Invent patients, without the rules that registering keeps."""
    random, moment = Random(7), now()
    for begin in range(1, count + 1, AT_ONCE):
        rows = [_row(random, number, moment) for number in range(begin, min(begin + AT_ONCE, count + 1))]
        db.session.execute(sa.insert(Patient), rows)
    db.session.commit()


def _row(random: Random, number: int, moment) -> dict:
    one = person(random)
    phone = f"07700 {number:06}"
    return {
        "uuid": new_uuid(),
        "mrn": mrn_of("C", number),
        "first_name": one.first_name,
        "last_name": one.last_name,
        "name_search": folded(one.last_name, one.first_name),
        "sex": one.sex,
        "birth_date": birthday(random, 0, 95),
        "phone": phone,
        "phone_search": backwards(phone),
        "created_at": moment,
        "updated_at": moment,
        "version": 1,
    }


def add_reader() -> User:
    """A user who may see patients and nothing else."""
    user = User(username="reader", first_name="Rosa")
    db.session.add(user)
    db.session.flush()
    seen = sa.select(Permission.id).where(Permission.module == "patients", Permission.codename == "view")
    db.session.add(UserPermission(user_id=user.id, permission_id=db.session.scalar(seen)))
    db.session.commit()
    db.session.refresh(user)
    db.session.expunge(user)
    return user
