"""rtlab: a laboratory for real-time communication on the web."""
