"""Creating a hospital: the form, the check of a subdomain while it is typed, and what its POST writes."""

import sqlalchemy as sa
from flask import current_app, request, session

from portal.admin import choices
from portal.admin.access import needs
from portal.admin.forms import NewHospitalForm
from portal.admin.hospitals import base_domain, hospital_url
from portal.admin.invitation import show_once
from portal.admin.views import admin
from portal.auth.invitations import invite
from portal.auth.passwords import hashed, password_problem
from portal.control.models import Tenant
from portal.extensions import db
from portal.i18n import _
from portal.pages.answers import form_page, go, page
from portal.provisioning import asking
from portal.provisioning.registration import NewAdministrator, Refused, Registration, is_free, register_hospital
from portal.tenancy.names import normalised, subdomain_problem, suggestions, taken_sentence


@admin.route("/hospitals/new", methods=["GET", "POST"])
@needs("platform_admin")
def new_hospital():
    """Ask for a new hospital; the same form sent twice leads to the same hospital (D15)."""
    password_hash = hashed_before_the_lock("admin_password")
    form = NewHospitalForm()
    made = find_made(form.form_token.data) if form.is_submitted() else None
    if made is None and form.validate_on_submit():
        made = create_hospital(form, password_hash)
    if made:
        return go(hospital_url(made))
    check = SubdomainCheck.of(form.subdomain.data, form.subdomain.errors)
    return form_page("admin/hospital_new.html", form, check=check, always=choices.always_modules())


@admin.get("/hospitals/subdomain")
@needs("platform_admin")
def check_subdomain():
    """Say while somebody types whether a subdomain can be had, and which similar ones can."""
    wanted = normalised(request.args.get("subdomain", "")[:200])
    return page("admin/_subdomain.html", check=SubdomainCheck.of(wanted))


def hashed_before_the_lock(name: str) -> str | None:
    """The hash of a posted password that can be used: made before the first statement takes the write lock (D11)."""
    password = request.form.get(name, "")
    return None if not password or password_problem(password) else hashed(password)


def find_made(form_token: str) -> Tenant | None:
    """The hospital that this very form has made already."""
    return db.session.scalar(sa.select(Tenant).where(Tenant.form_token == form_token))


def create_hospital(form: NewHospitalForm, password_hash: str | None) -> Tenant | None:
    """Register the hospital and ask for its database; None, with the sentence at its field, when it is refused."""
    try:
        tenant, operation = register_hospital(_registration(form, password_hash))
    except Refused as refusal:
        form[refusal.field].errors = [refusal.sentence]
        return None
    asking.wake_after_commit(operation)
    administrator = tenant.access[0].user
    if form.is_new_administrator and password_hash is None:
        show_once(session, administrator, invite(administrator))
    return tenant


def _registration(form: NewHospitalForm, password_hash: str | None) -> Registration:
    copied = ("name", "subdomain", "address", "phone", "email", "website", "timezone", "currency", "locale",
              "starts_on", "ends_on", "form_token")  # fmt: skip
    new = NewAdministrator(form.admin_username.data, form.admin_name.data, form.admin_email.data, password_hash)
    return Registration(
        **{name: form[name].data for name in copied},
        administrator=new if form.is_new_administrator else int(form.administrator.data),
        plan_id=form.plan.data,
        modules=form.ticked,
    )


class SubdomainCheck:
    """What is said below the subdomain: its address, that it is available, or a problem and free ones like it."""

    def __init__(self, subdomain: str, problem: str | None):
        self.subdomain, self.problem = subdomain, problem

    @classmethod
    def of(cls, subdomain: str, errors=()) -> "SubdomainCheck":
        """The check of what was typed; `errors` are those the form has found already."""
        problem = next(iter(errors), None) or (subdomain_problem(subdomain) if subdomain else None)
        if subdomain and not problem and not is_free(subdomain):
            problem = taken_sentence(subdomain)
        return cls(subdomain, problem)

    @property
    def available(self) -> str | None:
        """The good news, where there is any."""
        if self.problem or not self.subdomain:
            return None
        return _("{subdomain}.{domain} is available", subdomain=self.subdomain, domain=base_domain())

    @property
    def address(self) -> str | None:
        """The future address in full."""
        return current_app.extensions["settings"].hospital_url(self.subdomain) if self.available else None

    @property
    def suggestions(self) -> list[str]:
        """Up to three subdomains like this one that are really free."""
        return suggestions(self.subdomain, is_free) if self.problem and self.subdomain else []
