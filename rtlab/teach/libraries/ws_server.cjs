// A broadcast on Node's `ws`: every line of the input goes to all who are connected, as one message each.
// It prints its port, and ends with its input.

const {createInterface} = require("node:readline");
const {WebSocket, WebSocketServer} = require("ws");

const server = new WebSocketServer({host: "127.0.0.1", port: 0});
server.on("listening", () => console.log(server.address().port));

const lines = createInterface({input: process.stdin});
lines.on("line", line => {
  for (const client of server.clients) {
    if (client.readyState === WebSocket.OPEN) client.send(line);
  }
});
lines.on("close", () => process.exit(0));
