"""How an operator's command reaches the relay at work: a socket in its folder, a line each way."""
