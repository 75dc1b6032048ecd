"""Papers (文书) of a case: what people are given in writing, kept as it was said.

A paper is issued in the transaction of the act that it tells of. Its words are kept with their
digest; the PDF is made from them each time it is asked for, and is the same each time.
"""
