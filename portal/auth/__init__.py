"""Who somebody is and what they may do: identities, sign-in, roles and permissions."""
