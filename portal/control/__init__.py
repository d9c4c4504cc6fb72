"""The control plane: the tables that say which hospitals exist."""
