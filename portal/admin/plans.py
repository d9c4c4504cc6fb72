"""Plans: which modules and limits a hospital agrees to."""

import sqlalchemy as sa
from flask import flash, url_for
from wtforms import IntegerField, StringField, ValidationError

from portal.admin import choices
from portal.admin.access import needs
from portal.admin.fields import ModulesField
from portal.admin.views import admin
from portal.auth.audit import audit_platform
from portal.control.models import Plan, Tenant
from portal.extensions import db
from portal.i18n import _
from portal.pages.answers import form_page, go, page
from portal.pages.forms import AtMost, Form, OneLine, Required, stripped
from portal.provisioning.registration import ALWAYS, enabled

MOST_STAFF, MOST_DAYS = 1_000_000, 365


class WholeNumberField(IntegerField):
    """A whole number, or nothing; anything else is refused in a sentence that begins with the field's label."""

    def process_formdata(self, valuelist):
        """Read the number; an empty answer is None."""
        text, self.data = (valuelist[0].strip() if valuelist else ""), None
        if text and not (text.isdecimal() and len(text) < 10):
            raise ValueError(_("{label} must be a whole number", label=self.label.text))
        self.data = int(text) if text else None


class PlanForm(Form):
    """What a plan is called, its modules and its limits."""

    name = StringField(
        _("Name"), [Required(_("Enter a name")), AtMost(_("Name"), 60), OneLine(_("Name"))], filters=[stripped]
    )
    staff_limit = WholeNumberField(_("Staff limit"))
    grace_days = WholeNumberField(_("Days of grace"), [Required(_("Enter the days of grace"))], default=14)
    modules = ModulesField(_("Modules"), default=choices.optional_names)

    def __init__(self, *args, plan: Plan | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.plan = plan
        self.modules.choices = choices.optional_modules()

    def chosen(self) -> list[str]:
        """The plan's modules; those of modules that are not installed stay as they were."""
        offered = {name for name, _label in self.modules.choices}
        absent = set(self.plan.modules if self.plan else ()) - offered
        return sorted({*ALWAYS, *absent, *(offered & set(self.modules.data or ()))})

    def validate_name(self, field):
        """No other plan has the name."""
        wanted = sa.select(Plan.id).where(sa.func.lower(Plan.name) == (field.data or "").lower())
        found = db.session.scalar(wanted)
        if found is not None and (self.plan is None or found != self.plan.id):
            raise ValidationError(_("A plan with this name exists already"))

    def validate_staff_limit(self, field):
        """A limit lets somebody in."""
        if field.data is not None and not 1 <= field.data <= MOST_STAFF:
            raise ValidationError(_("Staff limit must be from 1 to {most}", most=f"{MOST_STAFF:,}"))

    def validate_grace_days(self, field):
        """Grace ends some day."""
        if field.data is not None and field.data > MOST_DAYS:
            raise ValidationError(_("Days of grace must be {most} or fewer", most=MOST_DAYS))

    def validate_modules(self, field):
        """With each module the plan has those it needs."""
        problem = choices.dependency_problem(frozenset(self.chosen()))
        if problem:
            raise ValidationError(problem)


@admin.get("/plans/")
@needs("platform_admin")
def plans():
    """Every plan, with how many hospitals have it."""
    hospitals, there = sa.func.count(Tenant.id), sa.and_(Tenant.plan_id == Plan.id, Tenant.mode != "deleted")
    query = sa.select(Plan, hospitals).outerjoin(Tenant, there).group_by(Plan.id)
    rows = db.session.execute(query.order_by(Plan.position, Plan.name)).all()
    return page("admin/plans.html", rows=rows, installed=choices.modules())


@admin.route("/plans/new", methods=["GET", "POST"])
@needs("platform_admin")
def new_plan():
    """Ask for a new plan."""
    form = PlanForm()
    if form.validate_on_submit():
        last = db.session.scalar(sa.select(sa.func.max(Plan.position)))
        keep_plan(Plan(position=0 if last is None else last + 1), form, "create_plan")
        return go(url_for("admin.plans"))
    return form_page("admin/plan_form.html", form, plan=None, always=choices.always_modules())


@admin.route("/plans/<int:plan_id>/edit", methods=["GET", "POST"])
@needs("platform_admin")
def edit_plan(plan_id: int):
    """Change a plan, and what its hospitals may open."""
    plan = db.get_or_404(Plan, plan_id)
    form = PlanForm(obj=plan, plan=plan)
    if form.validate_on_submit():
        keep_plan(plan, form, "edit_plan")
        return go(url_for("admin.plans"))
    return form_page("admin/plan_form.html", form, plan=plan, always=choices.always_modules())


def keep_plan(plan: Plan, form: PlanForm, action: str) -> None:
    """Keep the answers; its hospitals lose what the plan no longer has, within a second (D21)."""
    plan.name, plan.modules = form.name.data, form.chosen()
    plan.staff_limit, plan.grace_days = form.staff_limit.data, form.grace_days.data
    db.session.add(plan)
    db.session.flush()
    for tenant in db.session.scalars(sa.select(Tenant).where(Tenant.plan_id == plan.id)):
        tenant.modules = enabled(frozenset(tenant.modules), plan)
    news = sa.update(Tenant).where(Tenant.plan_id == plan.id).values(epoch=Tenant.epoch + 1)
    db.session.execute(news.execution_options(synchronize_session=False))
    audit_platform(action, details={"plan": plan.name})
    flash(_("The plan {name} is saved.", name=plan.name), "ok")
