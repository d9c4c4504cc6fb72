"""What happens to a hospital's database: created, checked, and watched over while that happens."""

from portal.provisioning.manager import TenantDatabaseManager

__all__ = ["TenantDatabaseManager"]
