"""Money: budgets, what jobs hold of them and spend, who may run when, and what was spent."""
