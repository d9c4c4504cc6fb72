"""The hospital's own account of itself, and how the platform learns of what every page needs of it."""

from portal.extensions import db
from portal.kit.events import on
from portal.kit.models import HospitalProfile
from portal.tenancy.current import current_hospital
from portal.tenancy.registry import adopt

CHANGED = "settings.changed"


def hospital_profile() -> HospitalProfile:
    """The one row with which the hospital presents itself."""
    return db.session.get_one(HospitalProfile, 1)


@on(CHANGED, later=True)
def tell_the_registry(**_record) -> None:
    """Let every page of the hospital use its time zone, currency and language; after the commit (D12)."""
    profile = hospital_profile()
    adopt(current_hospital().id, timezone=profile.timezone, currency=profile.currency, locale=profile.locale)
