// Datagrams from page to page: a WebRTC data channel to each other page, unordered and never sent again (RFC 8831).
//
// Before two pages can talk without the server they must say by it how: a description each (offer, answer), and the
// addresses under which each may be reached (candidates). Those are events on a channel, and its order settles who
// begins: a page says hello and reads on from there, so of two pages only the one that was first hears the other's
// hello, and makes the offer. No STUN server is asked: pages on one machine or in one network find each other.

import {el} from "../dom.js";
import {wall} from "../meter.js"; // of pages on one machine the same
import {median, ms} from "./figures.js";

const EVERY = 50, ASK = 1000; // milliseconds between two datagrams, and between two that ask for an answer
const FULL = 2000; // bytes that have not left: then nothing is added, for what waits grows old
const FRESH = 1000; // milliseconds that a place is good for
const MOST = 12; // pages to talk with, as many as there are boats: anybody may say hello, with many names
const RECENT = 20; // round trips of which the median is shown
export const POSSIBLE = "RTCPeerConnection" in globalThis; // some browsers are told to have none
const STATES = {new: "is called", connecting: "looks for a way", connected: "open", disconnected: "silent", failed: "no way found", closed: "gone"};

export class Peers {
  // `send(signal)` publishes a signal and returns a promise of its id; `listen(id)` has those behind it brought to
  // `hear`; `own()` says where our boat is; `nameOf(player)` what it is called.
  constructor({me, send, listen, own, nameOf, rows}) {
    Object.assign(this, {me, send, listen, own, nameOf, rows});
    this.peers = new Map();
    this.saying = this.hearing = Promise.resolve(); // one signal after the other, each way
    setInterval(() => this.tell(), EVERY);
    setInterval(() => this.show(), ASK / 2);
  }

  async connect() {
    const {id} = await this.signal("hello", this.me, "");
    if (!this.listening) this.listen(id);
    this.listening = true;
  }

  signal(kind, to, text) {
    const said = this.saying.then(() => this.send({kind, from: this.me, to, text}));
    this.saying = said.catch(() => {});
    return said;
  }

  hear(signal) {
    if (signal.from === this.me || (signal.kind !== "hello" && signal.to !== this.me)) return;
    this.hearing = this.hearing.then(() => this.answer(signal)).catch(error => console.warn(`signal ${signal.kind}: ${error.message}`));
  }

  async answer({kind, from, text}) {
    if (!this.hasRoom(from)) return;
    if (kind === "hello") {
      const peer = this.meet(from);
      peer.use(peer.connection.createDataChannel("places", {ordered: false, maxRetransmits: 0}));
      await peer.connection.setLocalDescription(await peer.connection.createOffer());
      await this.signal("offer", from, peer.connection.localDescription.sdp);
    } else if (kind === "offer") {
      const {connection} = this.meet(from);
      await connection.setRemoteDescription({type: "offer", sdp: text});
      await connection.setLocalDescription(await connection.createAnswer());
      await this.signal("answer", from, connection.localDescription.sdp);
    } else if (kind === "answer") {
      await this.peers.get(from)?.connection.setRemoteDescription({type: "answer", sdp: text});
    } else {
      await this.peers.get(from)?.connection.addIceCandidate(JSON.parse(text));
    }
  }

  // Whether there may be a connection to a page; those that found no way make room.
  hasRoom(player) {
    for (const [other, {connection}] of this.peers)
      if (this.peers.size >= MOST && ["failed", "closed"].includes(connection.connectionState)) this.drop(other);
    return this.peers.has(player) || this.peers.size < MOST;
  }

  drop(player) {
    this.peers.get(player)?.connection.close();
    this.peers.delete(player);
  }

  // A new connection to a page, in place of an earlier one.
  meet(player) {
    this.drop(player);
    const peer = new Peer(candidate => this.signal("candidate", player, JSON.stringify(candidate)).catch(() => {}));
    this.peers.set(player, peer);
    return peer;
  }

  tell() {
    for (const peer of this.peers.values()) peer.tell(this.own());
  }

  // Where the others say that they are, by player: {x, y, at}.
  get places() {
    const now = wall();
    return new Map([...this.peers].filter(([, {place}]) => place && now - place.at < FRESH).map(([player, {place}]) => [player, place]));
  }

  show() {
    this.rows.replaceChildren(...[...this.peers].map(([player, peer]) => {
      const texts = [STATES[peer.connection.connectionState], peer.received, peer.lost, peer.late, ms(median(peer.trips))];
      const row = el("tr", {}, el("th", {scope: "row"}, this.nameOf(player)), ...texts.map(text => el("td", {}, String(text))));
      Object.assign(row.dataset, {player, state: peer.connection.connectionState, received: peer.received});
      return row;
    }));
  }
}

class Peer {
  constructor(onCandidate) {
    this.connection = new RTCPeerConnection({iceServers: []});
    this.connection.onicecandidate = ({candidate}) => candidate?.candidate && onCandidate(candidate.toJSON());
    this.connection.ondatachannel = ({channel}) => this.use(channel);
    this.number = this.received = this.late = this.newest = this.asked = 0;
    this.first = null;
    this.trips = [];
  }

  use(channel) {
    this.channel = channel;
    channel.onmessage = ({data}) => this.take(JSON.parse(data));
  }

  tell(boat) {
    if (this.channel?.readyState !== "open" || this.channel.bufferedAmount > FULL) return;
    const now = performance.now();
    if (now - this.asked > ASK) {
      this.asked = now;
      this.channel.send(JSON.stringify({ask: now}));
    }
    if (boat) this.channel.send(JSON.stringify({n: ++this.number, x: boat.x, y: boat.y, at: wall()}));
  }

  take(told) {
    if ("ask" in told) return this.channel.send(JSON.stringify({answer: told.ask}));
    if ("answer" in told) {
      this.trips = [...this.trips, performance.now() - told.answer].slice(-RECENT);
      return;
    }
    this.first ??= told.n;
    this.received += 1;
    if (told.n <= this.newest) return (this.late += 1); // a newer place is known
    this.newest = told.n;
    this.place = told;
  }

  // Sent, as the numbers say, and not here (yet).
  get lost() {
    return this.first === null ? 0 : Math.max(0, this.newest - this.first + 1 - this.received);
  }
}
