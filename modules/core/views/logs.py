"""The pages that only read: the audit, and the number sequences."""

import sqlalchemy as sa
from flask import request

from modules.core import module
from modules.core.acts import FILTERS, filtered, logged, people, read
from modules.core.words import PERIOD_WORDS
from portal.kit import Column, Listing, _, page
from portal.kit.audit import ACTION_WORDS
from portal.kit.csv_export import csv_file
from portal.kit.models import AuditLog, Sequence
from portal.kit.people import User

audit_columns = (
    Column("at", _("When"), sort=AuditLog.id, value=lambda act: act.row.at),
    Column("by", _("Who"), sort=User.username, value=lambda act: act.by),
    Column("ip", _("From"), value=lambda act: act.row.ip, shown=False),
    Column("action", _("What"), sort=AuditLog.action, value=lambda act: act.word),
    Column("record", _("Record"), sort=AuditLog.content_type, value=lambda act: act.record),
    Column("changes", _("Before and after"), value=lambda act: act.told),
)
sequence_columns = (
    Column("name", _("Sequence"), sort=Sequence.name),
    Column("prefix", _("Prefix"), sort=Sequence.prefix),
    Column("period", _("Period"), sort=Sequence.period),
    Column("value", _("Given last"), sort=Sequence.value, numeric=True),
)


@module.get("/audit/", needs="audit_view")
def audit():
    """Who did what, and when; nobody can change or remove a row."""
    return page("core/audit.html", listing=act_list(), actions=ACTION_WORDS, people=people())


def act_list() -> Listing:
    """The audit with the filters of the address."""
    return Listing(
        query=filtered(logged(), request.args),
        columns=audit_columns,
        noun=(_("act"), _("acts")),
        default_sort="-at",
        tie=AuditLog.id.desc(),
        kept=(*FILTERS, "sort", "page", "per_page"),
        rows=read,
    )


@module.search("/audit/export", needs="audit_export")
def audit_export():
    """The acts of the list as a file for a spreadsheet."""
    return csv_file(act_list(), "audit")


@module.get("/sequences/", needs="sequence_view")
def sequences():
    """The numbers the hospital gives, and how far they are."""
    return page("core/sequences.html", listing=sequence_list(), periods=PERIOD_WORDS)


def sequence_list() -> Listing:
    """Every sequence that has started."""
    return Listing(
        query=sa.select(Sequence),
        columns=sequence_columns,
        noun=(_("sequence"), _("sequences")),
        default_sort="name",
        tie=Sequence.id,
        kept=("sort", "page", "per_page"),
    )
