"""The façade's calls, by what they are about: profile, contacts, conversations, relays."""
