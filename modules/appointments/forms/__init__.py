"""The forms of appointments."""
