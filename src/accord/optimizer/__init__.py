"""How the loss is minimised: parameter groups, update rules, schedules, averages."""
