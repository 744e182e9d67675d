"""How the platform is run: settings that are decided, with their record."""
