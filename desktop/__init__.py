"""The app a member installs: rules, vault, engine, screens, and one file that knows them all."""
