"""The visible steps of each kind of operation and their words, the same on the page and on the command line (D20)."""

from dataclasses import dataclass

from portal.i18n import _


@dataclass(frozen=True)
class Step:
    """One step as people see it: `doing` completes “Step 3 of 5: …”, `failing` begins “… did not work”."""

    name: str
    label: str
    doing: str
    failing: str


RESERVE = Step("reserve", _("Reserve the subdomain"), _("reserving the subdomain"), _("Reserving the subdomain"))
BUILD = Step("build", _("Create the database"), _("creating the database"), _("Creating the database"))
MODULES = Step("modules", _("Set up modules"), _("setting up modules"), _("Setting up {module}"))
GRANT = Step("grant", _("Create the administrator"), _("creating the administrator"), _("Creating the administrator"))
CHECK = Step("check", _("Check the site"), _("checking the site"), _("Checking the site"))

STEPS = {
    "create": (RESERVE, BUILD, MODULES, GRANT, CHECK),
    "verify": (CHECK,),
}


def step_named(name: str) -> Step:
    """The step with this name."""
    return next(step for step in STEPS["create"] if step.name == name)


class ProvisioningProblem(Exception):
    """A step cannot go on, for a reason people can read; `sentence` says it."""

    def __init__(self, sentence: str):
        self.sentence = sentence
        super().__init__(sentence)
