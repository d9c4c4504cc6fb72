"""The forms of doctors, prescriptions and referrals."""
