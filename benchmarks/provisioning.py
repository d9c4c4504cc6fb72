"""Provisioning: from a queued operation to a published database, with every row written and synced

The floor is what no creation can do without: copy the template's bytes, sync the file, give it its name, sync the
folder.
"""

import shutil
from pathlib import Path

from benchmarks.measure import Result, assert_ready, by_turns, portal, registered
from portal.provisioning import operations, template
from portal.tenancy.databases.sqlite import sync_file, sync_folder

TURNS = 25
MIGRATED = 2


def measure(folder: Path) -> list[Result]:
    """A whole creation against the floor, and against one that migrates."""
    with portal(folder):
        source = template.databases().path(template.ensure_template())

        def raw(turn: int) -> None:
            copy = folder / f"copy-{turn}"
            shutil.copyfile(source, copy)
            sync_file(copy)
            copy.rename(folder / f"copied-{turn}.db")
            sync_folder(folder)

        wanted = [registered(f"cloned-{turn}") for turn in range(TURNS + 1)]
        creation, floor = by_turns(TURNS, lambda turn: operations.perform(wanted[turn]), raw)

        def migrate(turn: int) -> None:
            template.databases().start(f"build_bench{turn}")
            template.migrate(f"build_bench{turn}")

        more = [registered(f"again-{turn}") for turn in range(MIGRATED + 1)]
        cloned, migrated = by_turns(MIGRATED, lambda turn: operations.perform(more[turn]), migrate)
        assert_ready(len(wanted) + len(more))
    return [
        Result("a creation by clone", "copy + sync + rename", creation, floor),
        Result("a creation by clone", "the migrations alone, from zero", cloned, migrated),
    ]
