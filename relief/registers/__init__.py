"""Outside registers (外部登记数据): what other offices know of people, for the checks of a case.

Who is on the payroll, owns a car or a house, died, is married: it comes in files with layouts of
their own, is found by the identity number alone, and never makes, links or changes a person or a
household. What a register says is a ground for a doubt (`review/checks`), never for a decision.
"""
