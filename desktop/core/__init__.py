"""Pure rules and frozen models. Nothing here knows a disk, a loop or a screen."""
