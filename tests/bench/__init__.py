"""What postclerk costs, beside milters that do nothing."""
