"""From a composed message to the answer of the relay that holds it."""
