"""The post office: queues sealed envelopes, enforces what owners allow, knows no members."""
