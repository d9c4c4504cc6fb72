"""Writes portal/static/icons.svg: one sprite of the icons the pages use.

Usage: python scripts/make_icons.py FOLDER
FOLDER is the unpacked npm package @tabler/icons (see portal/static/vendor/README.md for the version).
"""

import sys
from pathlib import Path
from xml.etree import ElementTree as ET

SPRITE = Path(__file__).resolve().parent.parent / "portal" / "static" / "icons.svg"
SVG = "http://www.w3.org/2000/svg"
NOTICE = " Tabler Icons, MIT licence: vendor/tabler-icons/LICENSE. Made by scripts/make_icons.py. "
STROKE = {
    "fill": "none",
    "stroke": "currentColor",
    "stroke-width": "2",
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
}

NAMES = """
activity alert-triangle ambulance arrow-back-up arrow-left arrow-right arrows-exchange
baby-carriage ban bed bed-off bell bell-ringing bolt bookmark building building-hospital calendar
calendar-plus calendar-user cash chart-bar check chevron-down chevron-left chevron-right
chevron-up circle-check circle-x clipboard-check clipboard-list clock clock-exclamation columns-3
copy credit-card database device-tv door door-exit dots-vertical download external-link eye
file-check file-text filter first-aid-kit flask gavel hand-stop heartbeat help-circle history
hourglass id-badge-2 info-circle key layout-dashboard layout-grid license link list-check
list-numbers loader-2 lock login-2 logout lungs mail map-pin menu-2 message-2 microscope moon
notes package-off packages pencil pencil-plus phone phone-call pill pill-off player-pause
player-play player-skip-forward plus printer radioactive receipt refresh report-medical scale
search settings shield shield-check signature slice stethoscope sun thermometer tool trash urgent
user user-check user-plus user-x users vaccine video volume walk wash wheelchair x
"""


def sprite(folder: Path) -> bytes:
    """The sprite of all NAMES from the outline icons in `folder`."""
    ET.register_namespace("", SVG)
    root = ET.Element(f"{{{SVG}}}svg")
    root.append(ET.Comment(NOTICE))
    for name in NAMES.split():
        root.append(symbol(folder, name))
    ET.indent(root, "")
    return ET.tostring(root) + b"\n"


def symbol(folder: Path, name: str) -> ET.Element:
    """One icon as a <symbol>, without the invisible square every Tabler icon starts with."""
    source = folder / "icons" / "outline" / f"{name}.svg"
    if not source.is_file():
        raise SystemExit(f"There is no icon {name} in {folder}.")
    made = ET.Element(f"{{{SVG}}}symbol", {"id": name, "viewBox": "0 0 24 24", **STROKE})
    drawing = ET.parse(source).getroot()  # noqa: S314 - a package we chose, not a visitor's file
    made.extend(shape for shape in drawing if shape.get("stroke") != "none")
    return made


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    SPRITE.write_bytes(sprite(Path(sys.argv[1])))
