"""The numbers of its own rules that a module lets each hospital set: declared once, asked where the rule is kept."""

from dataclasses import dataclass

from portal.kit.profile import hospital_profile


@dataclass(frozen=True)
class HouseNumber:
    """A whole number of a rule between two bounds; one from 0 to 1 is a yes or no. Calling it gives what holds here."""

    module: str
    key: str
    label: str
    usual: int
    least: int
    most: int
    hint: str = ""

    @property
    def name(self) -> str:
        """How the hospital's profile keeps it."""
        return f"{self.module}_{self.key}"

    @property
    def is_yes_or_no(self) -> bool:
        """It is answered by a tick."""
        return (self.least, self.most) == (0, 1)

    def __call__(self) -> int:
        """What the hospital has set; else what is usual."""
        return hospital_profile().house_numbers.get(self.name, self.usual)


_declared: dict[str, HouseNumber] = {}


def house_number(
    module: str, key: str, label: str, usual: int, *, least: int, most: int, hint: str = ""
) -> HouseNumber:
    """Declare a number that each hospital may set in its settings; `usual` holds until it does."""
    one = HouseNumber(module, key, label, usual, least, most, hint)
    if not least <= usual <= most or _declared.setdefault(one.name, one) != one:
        raise ValueError(f"{one.name} is declared twice, or {usual} is not from {least} to {most}")
    return one


def house_numbers(module: str) -> list[HouseNumber]:
    """The numbers of a module, in the order in which it declares them."""
    return [one for one in _declared.values() if one.module == module]
