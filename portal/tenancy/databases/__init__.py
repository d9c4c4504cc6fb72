"""How hospital databases are made, opened, published and dropped; one module for each kind of server."""
