"""Sends the text messages of the outbox: when, to how many, with which proof of what became of it.

A provider knows no key against sending twice. So a message is *handed over* in a transaction of its
own before it is sent: one that was leased and not handed over is surely not sent and is taken by
the next worker; one that was handed over and of which nothing was written down is `unknown` for
ever, and nobody sends it again by themselves.
"""
