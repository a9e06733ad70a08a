"""Jobs, budgets and receipts in the database."""
