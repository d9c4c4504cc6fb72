"""What the page of a member of staff shows in its tabs, and the duties that staff themselves know of."""

from flask import url_for

from modules.staff import module
from modules.staff.find import credentials_of, led_by, other_times_of
from modules.staff.forms import AuditForm
from modules.staff.models import Staff
from modules.staff.words import CREDENTIAL_WORDS, EMPLOYMENT_WORDS, ROLE_WORDS, SEX_WORDS
from portal.kit import Act, _, current_user, filled, fragment, history_of, today


@module.tab(Staff, "profile", _("Profile"), needs="view", order=0)
def profile(member: Staff) -> str:
    """Where the person works; to those who may know, who it is and who signs in."""
    words = {"sexes": SEX_WORDS, "roles": ROLE_WORDS, "employments": EMPLOYMENT_WORDS}
    others = other_times_of(member) if current_user.may("staff.detail_view") else []
    return fragment("staff/_profile.html", member=member, others=others, **words)


@module.tab(Staff, "credentials", _("Credentials"), needs="credential_view", order=10)
def credentials(member: Staff) -> str:
    """What the person was given or signed, and the day it ends."""
    words = {"kinds": CREDENTIAL_WORDS, "today": today()}
    return fragment("staff/_credentials.html", member=member, credentials=credentials_of(member), **words)


@module.tab(Staff, "duties", _("Duties"), needs="detail_view", order=20)
def duties(member: Staff) -> str:
    """What the person has to do here, and hands over before leaving."""
    return fragment("staff/_duties.html", member=member, duties=list(filled("staff.duties", member)))


@module.tab(Staff, "audit", _("Audit"), needs="audit_view", order=99)
def audit(member: Staff) -> str:
    """What was changed of what is known, and by whom."""
    return fragment("records/history.html", history=history_of(member, AuditForm(member)))


@module.fills("staff.duties", needs="detail_view")
def leading(member: Staff) -> list[Act]:
    """The departments that the person leads."""
    return [
        Act(
            _("Head of {department}", department=one.name),
            "building",
            url_for("staff.department_edit", record_id=one.id),
        )
        for one in led_by(member)
    ]
