"""People, tenants, namespaces, roles and the tokens they hold."""
