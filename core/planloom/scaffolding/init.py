"""The planloom profile @id@: data only; planloom reads layer.yaml without importing this package."""
