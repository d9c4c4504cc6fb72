"""The forms of the emergency department."""
