"""Workloads that time graddl against its peers; ``python -m benchmarks`` prints the table."""
