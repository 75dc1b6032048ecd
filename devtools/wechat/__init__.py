"""A stand-in for WeChat's servers: real HTTP, invented people, and faults on demand.

`relief wechat` runs it. The contracts are in `identity`, `tokens`, `subscribe`, `content`, `codes`
and `various`; `control` is what a test or a sample phone works it with; `app` joins them. The
state is one `World` in memory, gone with the process.
"""
