"""What only the host side reads: questions, votes, hands and reports, and what becomes of them."""
