// Ticks for the heartbeat (WS9: a ping every 25 s).
setInterval(() => postMessage(0), 25_000);
