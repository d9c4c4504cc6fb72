"""The times and numbers that the modules keep to, as the hospital sets them."""

from flask import current_app
from wtforms import BooleanField

from portal.kit import _, current_hospital
from portal.kit.forms import ChangeForm, Whole
from portal.kit.house import HouseNumber, house_numbers
from portal.kit.profile import hospital_profile


def kept_numbers() -> list[tuple[str, list[HouseNumber]]]:
    """The numbers of the modules that this hospital has, by module; modules without any are left out."""
    found = ((module.menu_label, house_numbers(module.name)) for module in modules_here())
    return [(label, numbers) for label, numbers in found if numbers]


def modules_here() -> list:
    """The modules that this hospital has, in the order of the menu."""
    known = current_app.extensions["modules"]
    return [module for name, module in known.items() if name in current_hospital().modules]


def field_of(one: HouseNumber) -> Whole | BooleanField:
    """What asks for a number: a tick where it is a yes or no."""
    if one.is_yes_or_no:
        return BooleanField(one.label, description=one.hint)
    sentence = _("Enter a number from {least} to {most}", least=one.least, most=one.most)
    return Whole(one.label, one.least, one.most, sentence, description=one.hint)


def numbers_form(**kwargs) -> ChangeForm:
    """The form that asks for all of them, filled with what holds here."""
    numbers = [one for _label, some in kept_numbers() for one in some]
    form = type("NumbersForm", (ChangeForm,), {one.name: field_of(one) for one in numbers})
    return form(data={one.name: one() for one in numbers} | {"version": hospital_profile().version}, **kwargs)
