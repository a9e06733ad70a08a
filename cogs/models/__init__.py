"""/models: what each model offers and costs."""
