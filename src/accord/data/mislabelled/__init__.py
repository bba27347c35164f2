"""Labels that are probably wrong: found by predictions of rows that the predictor has not seen."""
