"""What the tests share: the run's folder, its databases, the application and the people."""
