"""The forms of inpatients: asking for a bed and getting one, care on the ward, going home."""
