"""Delegation of one's cases during leave (请假期间委托代办), and what it means in a case."""
