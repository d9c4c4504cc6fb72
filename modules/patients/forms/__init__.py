"""The forms of a patient, and of what is known of one."""
