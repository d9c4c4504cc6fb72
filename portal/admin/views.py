"""The console's blueprint: pages of the platform's own hosts, each behind `access.needs`."""

from flask import Blueprint, redirect, url_for

from portal.admin.access import needs

admin = Blueprint("admin", __name__, url_prefix="/admin")
admin.scope = "platform"


@admin.get("/")
@needs("hospital_admin")
def index():
    """The console begins with the hospitals."""
    return redirect(url_for("admin.hospitals"))
