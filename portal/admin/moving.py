"""Moving a hospital to another server: which ones there are, what each holds, and how full it is."""

from dataclasses import dataclass
from functools import partial

from flask import current_app
from flask_login import current_user
from wtforms import RadioField

from portal.admin.access import get_visible_hospital, needs
from portal.admin.confirming import ConfirmForm, Danger, ask_for, danger_page, few_guesses
from portal.admin.hospitals import hospital_url
from portal.admin.views import admin
from portal.control.models import Tenant
from portal.i18n import _, ngettext
from portal.pages.answers import go
from portal.pages.forms import Required
from portal.provisioning.careful import request_move
from portal.provisioning.registration import hospitals_by_server
from portal.tenancy.servers import Server


@dataclass(frozen=True)
class Choice:
    """A server as the page offers it."""

    server: Server
    count: int
    is_here: bool

    @property
    def can_be_chosen(self) -> bool:
        """The hospital is somewhere else, and there is room."""
        return not self.is_here and not self.server.is_full(self.count)

    @property
    def where(self) -> str:
        """Where it is; never with its password."""
        url = self.server.url
        if self.server.kind == "sqlite":
            return _("SQLite files in {folder}", folder=url.database)
        return _("PostgreSQL at {host}", host=f"{url.host}:{url.port}" if url.port else url.host)

    @property
    def holds(self) -> str:
        """How full it is."""
        if self.server.most is None:
            return ngettext("{count} hospital", "{count} hospitals", self.count)
        facts = {"count": f"{self.count:,}", "most": f"{self.server.most:,}"}
        return _("{count} of {most} hospitals at most", **facts)


class MoveForm(ConfirmForm):
    """The server that the hospital comes to."""

    server = RadioField(_("Server"), [Required(_("Choose a server"))], validate_choice=False)

    def __init__(self, word: str, choices: list[Choice]):
        super().__init__(word)
        self.choices = choices
        self.server.choices = [(one.server.name, one.server.name) for one in choices]


@admin.route("/hospitals/<subdomain>/move", methods=["GET", "POST"])
@needs("platform_admin")
@few_guesses
def move_hospital(subdomain: str):
    """Ask for the server, then move the hospital there."""
    tenant = get_visible_hospital(subdomain)
    form = MoveForm(tenant.subdomain, choices_for(tenant))
    if form.is_confirmed():
        wanted = partial(request_move, get_visible_hospital(subdomain), form.server.data, current_user.id)
        if ask_for(wanted, form.server):
            return go(hospital_url(tenant))
    return danger_page(danger_of(tenant), form, hospital_url(tenant), tenant, "admin/move.html")


def choices_for(tenant: Tenant) -> list[Choice]:
    """Every server of the installation, with the one where the hospital is."""
    counts = hospitals_by_server()
    servers = current_app.extensions["settings"].servers.values()
    return [Choice(one, counts.get(one.name, 0), one.name == tenant.server) for one in servers]


def danger_of(tenant: Tenant) -> Danger:
    """What a move means for the people of the hospital."""
    return Danger(
        heading=_("Move {hospital} to another server?", hospital=tenant.name),
        strong=_("Nothing can be saved in the hospital while its database is copied."),
        says=(
            _("That takes some seconds, and longer for a large database. Everything can be looked up meanwhile, and"
              " nobody is signed out."),
            _("A backup is made first. Every table is compared on both servers; where one differs the hospital stays"
              " where it is."),
        ),
        button=_("Move the hospital"),
        keep=_("Keep it where it is"),
    )  # fmt: skip
