"""What hosts and moderators order: given, told to the relay, and held against the rule."""
