"""A buyer's workload against today's offers and tomorrow's market: stay or move, and when."""
