"""One service per page: plain functions from the house and a state to what the page shows."""
