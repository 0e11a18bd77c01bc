"""Benchmarks: run by hand, each drives the code that the daemon runs."""
