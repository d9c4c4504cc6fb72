"""What is promised to be fast, measured by `python -m benchmarks` (or `make bench`)."""
