"""What plans, layers and findings are. Imports nothing else of planloom."""
