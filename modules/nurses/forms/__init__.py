"""The forms of nursing: vital signs, doses, tasks, notes, handover, the register."""
