"""The visible steps of each kind of operation and their words, the same on the page and on the command line (D20)."""

from dataclasses import dataclass

from portal.i18n import _
from portal.words import Words


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
COPY = Step("copy", _("Copy the database"), _("copying the database"), _("Copying the database"))
READ = Step("read", _("Check the backup"), _("checking the backup"), _("Checking the backup"))
PREPARE = Step("prepare", _("Prepare the copy"), _("preparing the copy"), _("Preparing the copy"))
SAVE = Step("save", _("Save the present state"), _("saving the present state"), _("Saving the present state"))
REPLACE = Step("replace", _("Put the copy into use"), _("putting the copy into use"), _("Putting the copy into use"))
CLOSE = Step("close", _("Close the hospital"), _("closing the hospital"), _("Closing the hospital"))
MOVE = Step("move", _("Move the database"), _("moving the database"), _("Moving the database"))
MIGRATE = Step("migrate", _("Migrate the database"), _("migrating the database"), _("Migrating the database"))
REMOVE = Step("remove", _("Remove the database"), _("removing the database"), _("Removing the database"))
HOLD = Step("hold", _("Stop saving"), _("waiting until nothing is being saved"), _("Stopping saving"))
PROVE = Step("prove", _("Compare both databases"), _("comparing both databases"), _("Comparing both databases"))
CLEAR = Step("clear", _("Remove the old database"), _("removing the old database"), _("Removing the old database"))
LEAVE = Step("leave", _("Leave the old address"), _("leaving the old address"), _("Leaving the old address"))

STEPS = {
    "create": (RESERVE, BUILD, MODULES, GRANT, CHECK),
    "verify": (CHECK,),
    "backup": (COPY, READ),
    "restore": (READ, PREPARE, SAVE, REPLACE, CHECK),
    "recreate": (BUILD, MODULES, GRANT, SAVE, REPLACE, CHECK),
    "rename": (CLOSE, MOVE, LEAVE, CHECK),
    "clone": (COPY, PREPARE, REPLACE, CHECK),
    "delete": (CLOSE, SAVE, REMOVE),
    "migrate": (SAVE, MIGRATE, CHECK),
    "move": (SAVE, HOLD, COPY, PROVE, REPLACE, CHECK, CLEAR),
}
NAMED = Words(
    {step.name: step for steps in STEPS.values() for step in steps},
    Step("", _("A step of a newer release"), _("doing what a newer release does"), _("A step of a newer release")),
)


def step_named(name: str) -> Step:
    """The step with this name."""
    return NAMED[name]


class ProvisioningProblem(Exception):
    """A step cannot go on, for a reason people can read; `sentence` says it."""

    def __init__(self, sentence: str):
        self.sentence = sentence
        super().__init__(sentence)
