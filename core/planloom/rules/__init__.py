"""Rules: views of what is checked, the kinds, the engine, rules in Python, and rules that prove themselves."""
