"""A node in scripted time: days in minutes.

`loop` is an event loop whose clock jumps to what is due next; `doors` leads the collector's ways to
devices to simulated ones in the same process; `site` is a simulated site behind them, and `node` a
node's whole collector on it, without sockets.
"""
