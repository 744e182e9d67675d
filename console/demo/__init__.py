"""The demo: real data of this machine, told as three tenants. Nothing in it is invented.

`sources` and `computation` are pure functions from what was read to events; `seeding` sends them through the
same services that everybody uses; `tamper` makes the bundle that must not verify; `telling` prints what to
try.
"""
