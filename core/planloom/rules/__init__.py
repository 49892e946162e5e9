"""Rules: views of what is checked, kinds, the engine, rules in Python, rules that prove themselves."""
