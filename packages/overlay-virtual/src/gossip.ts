import { shuffled, type Cancel, type Gossip, type NodeId } from '@welkin/interface'
import type { Host } from './host.ts'

/** gossipsub's parameters D, D_lo, D_hi and D_lazy, its heartbeat, and how long a message can still be had. */
const DEGREE = 4
const DEGREE_MIN = 3
const DEGREE_MAX = 6
const LAZY_DEGREE = 6
const HEARTBEAT_MS = 1000
const HISTORY_MS = 5000
const SEEN_MS = 60_000

/** At so many heartbeats a message is announced to the others, and one so large is declined at once in the mesh. */
const ANNOUNCED_BEATS = 3
const DECLINED_BYTES_MIN = 512
/** What says that in gossipsub, encrypted, and what each message's id adds to it. */
const NOTICE_BYTES = 64
const ID_BYTES = 48

type Listener = (message: Uint8Array, from: NodeId) => void

interface GossipMessage { topic: string, payload: Uint8Array, from: NodeId, atMs: number }

/** What a node keeps of one topic that it subscribes to. */
interface Topic {
  listeners: Set<Listener>
  /** Neighbours that are sent every message at once; the relation is mutual. */
  mesh: Set<NodeId>
  /** Heard since the last heartbeat. */
  fresh: GossipMessage[]
  /** Until then something is announced at each heartbeat. */
  announcedMs: number
  /** Heard lately, for new neighbours in the mesh. */
  recent: GossipMessage[]
}

/**
 * An epidemic broadcast over open connections, after gossipsub 1.1 (libp2p specs): messages go at once along a mesh of
 * few neighbours, and at the next heartbeat to some others that have missed them. What gossipsub's neighbours tell one
 * another of subscriptions, meshes and message ids is known here without messages; those of ids are counted even so.
 */
export class VirtualGossip implements Gossip {
  readonly #host: Host
  readonly #topics = new Map<string, Topic>()
  #admits: ((peer: NodeId) => boolean) | undefined
  #seen = new Set<GossipMessage>()
  #seenBefore = new Set<GossipMessage>()
  #turnedMs = 0
  #beatComes = false

  constructor (host: Host) {
    this.#host = host
    host.gossip = this
  }

  publish (topic: string, payload: Uint8Array): void {
    if (this.#host.life.over) return
    const message = { topic, payload, from: this.#host.name, atMs: this.#nowMs }
    this.#remember(message)
    const mesh = [...this.#topics.get(topic)?.mesh ?? []]
    const peers = mesh.length > 0 ? mesh : this.#draw(this.#subscribers(topic), DEGREE)
    for (const peer of peers) this.#send(peer, message)
  }

  admit (admits: (peer: NodeId) => boolean): void {
    this.#admits = admits
    this.neighboursChanged()
  }

  subscribe (topic: string, listener: Listener): Cancel {
    const { listeners } = this.#join(topic)
    // The same function may listen twice; each has an entry of its own.
    const entry: Listener = (message, from) => listener(message, from)
    listeners.add(entry)
    return () => {
      if (listeners.delete(entry) && listeners.size === 0) this.#leave(topic)
    }
  }

  /** Whether this node has told its neighbours that it listens; death tells them nothing. */
  subscribes (topic: string): boolean {
    return this.#topics.has(topic)
  }

  /** Connections or subscriptions of neighbours have changed: the meshes are mended at the next heartbeat. */
  neighboursChanged (): void {
    if (this.#topics.size > 0) this.#awaitBeat()
  }

  get #nowMs (): number {
    return this.#host.network.timeline.nowMs
  }

  #join (name: string): Topic {
    let topic = this.#topics.get(name)
    if (topic === undefined) {
      topic = { listeners: new Set(), mesh: new Set(), fresh: [], recent: [], announcedMs: 0 }
      this.#topics.set(name, topic)
      this.#awaitBeat()
      this.#tellNeighbours()
    }
    return topic
  }

  #leave (name: string): void {
    for (const peer of this.#topics.get(name)?.mesh ?? []) this.#topicOf(peer, name)?.mesh.delete(this.#host.name)
    this.#topics.delete(name)
    this.#tellNeighbours()
  }

  #tellNeighbours (): void {
    for (const peer of this.#host.peers()) this.#neighbour(peer)?.neighboursChanged()
  }

  #neighbour (peer: NodeId): VirtualGossip | undefined {
    return this.#host.endTo(peer)?.other.host.gossip
  }

  #topicOf (peer: NodeId, name: string): Topic | undefined {
    const neighbour = this.#neighbour(peer)
    return neighbour === undefined ? undefined : neighbour.#topics.get(name)
  }

  #subscribers (topic: string): NodeId[] {
    return this.#host.peers().filter(peer => this.#welcomes(peer) && this.#neighbour(peer)?.subscribes(topic) === true)
  }

  #welcomes (peer: NodeId): boolean {
    return this.#admits === undefined || this.#admits(peer)
  }

  #draw (peers: readonly NodeId[], count: number): NodeId[] {
    return shuffled(this.#host.random, peers).slice(0, count)
  }

  #send (peer: NodeId, message: GossipMessage): void {
    const neighbour = this.#neighbour(peer)
    this.#host.endTo(peer)?.send({ kind: 'gossip', about: message.topic, payload: message.payload }, () => {
      if (neighbour !== undefined) neighbour.#receive(this.#host.name, message)
    })
  }

  #receive (sender: NodeId, message: GossipMessage): void {
    const topic = this.#topics.get(message.topic)
    if (topic === undefined || this.#knows(message) || !this.#welcomes(sender)) return
    this.#remember(message)
    if (message.payload.byteLength >= DECLINED_BYTES_MIN) this.#countNotices(topic.mesh.size, topic.mesh.size)
    for (const peer of topic.mesh) {
      if (peer !== sender && peer !== message.from) this.#send(peer, message)
    }
    for (const listener of topic.listeners) listener(message.payload, message.from)
  }

  #knows (message: GossipMessage): boolean {
    return this.#seen.has(message) || this.#seenBefore.has(message)
  }

  #remember (message: GossipMessage): void {
    if (this.#nowMs - this.#turnedMs > SEEN_MS) {
      this.#seenBefore = this.#seen
      this.#seen = new Set()
      this.#turnedMs = this.#nowMs
    }
    this.#seen.add(message)
    const topic = this.#topics.get(message.topic)
    if (topic === undefined) return
    topic.fresh.push(message)
    topic.recent.push(message)
    this.#awaitBeat()
  }

  // Nodes beat out of step, and only when there is something to do.
  #awaitBeat (): void {
    if (this.#beatComes) return
    this.#beatComes = true
    this.#host.life.after(HEARTBEAT_MS * (0.5 + this.#host.random.unit() / 2), () => this.#beat())
  }

  #beat (): void {
    this.#beatComes = false
    for (const [name, topic] of this.#topics) {
      topic.recent = topic.recent.filter(({ atMs }) => this.#nowMs - atMs <= HISTORY_MS)
      const subscribers = this.#subscribers(name)
      this.#mend(name, topic, subscribers)
      const others = subscribers.filter(peer => !topic.mesh.has(peer))
      for (const peer of this.#draw(others, LAZY_DEGREE)) this.#sendMissing(peer, topic.fresh)
      this.#countAnnouncements(topic, Math.min(others.length, LAZY_DEGREE))
      topic.fresh = []
    }
  }

  /** What is fresh is announced to so many peers, from this heartbeat on, with what was announced before. */
  #countAnnouncements (topic: Topic, peers: number): void {
    if (topic.fresh.length === 0) return
    const untilMs = this.#nowMs + ANNOUNCED_BEATS * HEARTBEAT_MS
    const beats = Math.round((untilMs - Math.max(topic.announcedMs, this.#nowMs)) / HEARTBEAT_MS)
    topic.announcedMs = untilMs
    this.#countNotices(peers * beats, peers * ANNOUNCED_BEATS * topic.fresh.length)
  }

  #countNotices (notices: number, ids: number): void {
    this.#host.station.countSent(notices * NOTICE_BYTES + ids * ID_BYTES, notices)
  }

  #mend (name: string, topic: Topic, subscribers: readonly NodeId[]): void {
    const { mesh } = topic
    for (const peer of mesh) {
      if (!subscribers.includes(peer)) mesh.delete(peer)
    }
    if (mesh.size < DEGREE_MIN) {
      const others = subscribers.filter(peer => !mesh.has(peer))
      for (const peer of this.#draw(others, DEGREE - mesh.size)) this.#graft(name, topic, peer)
    }
    if (mesh.size > DEGREE_MAX) this.#prune(name, topic)
  }

  #graft (name: string, topic: Topic, peer: NodeId): void {
    const neighbour = this.#neighbour(peer)
    const theirs = this.#topicOf(peer, name)
    if (neighbour === undefined || theirs === undefined || !neighbour.#welcomes(this.#host.name)) return
    topic.mesh.add(peer)
    theirs.mesh.add(this.#host.name)
    neighbour.#awaitBeat()
    this.#sendMissing(peer, topic.recent)
    neighbour.#sendMissing(this.#host.name, theirs.recent)
  }

  // Nobody is left with too few for it, so that a node with one neighbour keeps it.
  #prune (name: string, topic: Topic): void {
    for (const peer of this.#draw([...topic.mesh], topic.mesh.size)) {
      const theirs = this.#topicOf(peer, name)?.mesh
      if (topic.mesh.size <= DEGREE) return
      if (theirs !== undefined && theirs.size <= DEGREE_MIN) continue
      topic.mesh.delete(peer)
      theirs?.delete(this.#host.name)
    }
  }

  #sendMissing (peer: NodeId, messages: readonly GossipMessage[]): void {
    const neighbour = this.#neighbour(peer)
    if (neighbour === undefined) return
    for (const message of messages) {
      if (!neighbour.#knows(message)) this.#send(peer, message)
    }
  }
}
