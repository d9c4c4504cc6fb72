"""Which hospital a piece of work belongs to, and which database that is."""
