"""The planloom profile of a district federation of trade unions (区总工会)."""
