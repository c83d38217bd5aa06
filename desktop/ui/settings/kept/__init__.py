"""What a relay says it keeps, in plain words.

Law: each thing is said as the relay signed it, never better: what it does not say is not guessed,
and what it says is called its saying.
"""
