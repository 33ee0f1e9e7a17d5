"""What postclerk writes to people: notices of decisions, requests to superiors, answers to requests."""
