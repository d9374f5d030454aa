"""Devices that lie: a million hostile MQTT payloads and a million hostile Modbus answers.

`python -m scripts.fuzz mqtt` runs a collector, a mosquitto, and a GX that publishes nonsense on
every topic of the tree; beside it an honest GX, and a broker that breaks MQTT itself. A payload is
counted when the collector says that it received it.

`python -m scripts.fuzz modbus` first opens the door (`collector.sources.modbus`, over real sockets)
to a server that answers every question with a mutilated, foreign, stale or senseless frame; each
answer that the server sent is counted, so is each silence and each closed connection. Whatever is
let through must be, word for word, what was said in answer to this very question; it then goes
through the decoders. Then a whole collector reads meters behind such a server, fewer answers but
the real thing: first with bad frames alone, when no value that is live may be another than the true
one, then with senseless contents too.

Both end with devices that speak properly: the right value must be live within seconds, the process
must be the one that was started, and its memory must not have grown since the first quarter.
"""
