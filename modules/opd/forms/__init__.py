"""The forms of outpatient work, by subject."""
