"""The community layer of planloom: data only, read without importing this package."""
