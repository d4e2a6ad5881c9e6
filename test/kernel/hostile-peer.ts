import { decode, encode } from '@welkin/abi'
import { isCloudError, type Gossip, type Keys, type NodeId, type Transport } from '@welkin/interface'
import type { VirtualMachine } from '@welkin/platform-virtual'
import type { VirtualCloud } from '@welkin/sim'

export const SITE_PROTOCOL = '/welkin/site/1'
export const CLOUD_PROTOCOL = '/welkin/cloud/1'
export const SUMMARIES_TOPIC = '/welkin/summaries/1'

/** Wall time at the beginning of virtual time: what an incarnation is like. */
const NOW = Date.UTC(2026, 0)

/** Vitals of a small node as they stand on the wire: up, no objects of a hundred, a GiB free. */
const VITALS = [0, 0, 100, 0, 0, 1024]

/** Somebody who can say on the wire whatever nodes say, under the one name that its keys stand for. */
export class Voice {
  readonly id: NodeId
  readonly handle: number
  readonly #keys: Keys

  constructor (keys: Keys) {
    this.id = keys.self
    this.#keys = keys
    this.handle = handleOf(keys.self, keys)
  }

  facts ({ zone = 'sim/s1/r1', incarnation = NOW, version = 0 } = {}): Uint8Array {
    const machine = { hostname: this.id, os: 'linux', arch: 'x64', cpuCount: 4, memoryBytes: 2 ** 34 }
    const addresses = [`virtual:${this.id}`]
    return this.sign(['wkf1', incarnation, version, {
      id: this.id, name: this.id, zone, addresses, version: '0.1.0', machine, drivers: []
    }])
  }

  vitals ({ subject = this.handle, incarnation = NOW, version = 1, packed = VITALS as unknown[] } = {}): Uint8Array {
    return this.sign(['wkv1', subject, incarnation, version, ...packed])
  }

  accusation (last: Uint8Array): Uint8Array {
    return this.sign(['wka1', this.handle, last])
  }

  summary (site: string, { speaker = this.id, sequence = 0, up = 1 } = {}): Uint8Array {
    const delegates = [[speaker, [`virtual:${speaker}`]]]
    return this.sign(['welkin/summary/1', speaker, NOW, sequence, site, up, 0, {}, {}, null, delegates])
  }

  /** Whatever is given, with a signature of its own before it. */
  sign (body: unknown): Uint8Array {
    const bytes = encode(body)
    return new Uint8Array([...this.#keys.sign(bytes), ...bytes])
  }
}

/** A peer with a machine in the cloud's network, and no good intentions. */
export class HostilePeer extends Voice {
  readonly gossip: Gossip
  readonly #transport: Transport

  private constructor (keys: Keys, { transport, gossip }: { transport: Transport, gossip: Gossip }) {
    super(keys)
    this.gossip = gossip
    this.#transport = transport
  }

  /** Takes the place of a daemon on a machine where none runs. */
  static on (cloud: VirtualCloud, name: NodeId): HostilePeer {
    const machine = cloud.machines.get(name) as VirtualMachine
    const { life, clock, log, keys } = machine.powerOn()
    return new HostilePeer(keys, cloud.network.join(name, { life, clock, log }))
  }

  /** Answers what it is asked with whatever `answer` gives. */
  serve (protocol: string, answer: () => unknown): void {
    this.#transport.serve(protocol, {
      request: async () => encode(answer()),
      channel: async () => {}
    })
  }

  /** Sends bytes; says what came back, or the code of the failure. */
  async send (peer: NodeId, protocol: string, payload: Uint8Array): Promise<unknown> {
    try {
      await this.#transport.dial(`virtual:${peer}`)
      return decode(await this.#transport.link(peer, protocol).request(payload, { timeoutMs: 2000 }))
    } catch (error) {
      if (isCloudError(error)) return error.code
      throw error
    }
  }

  /** Tells statements as news, each with an age in steps of ten milliseconds. */
  async tell (peer: NodeId, statements: readonly Uint8Array[], age = 0): Promise<unknown> {
    return await this.send(peer, SITE_PROTOCOL, encode([1, statements.flatMap(wire => [wire, age]), null]))
  }
}

function handleOf (id: NodeId, keys: Keys): number {
  const digest = keys.digest().update(new TextEncoder().encode(id)).done()
  return Buffer.from(digest).readUIntBE(0, 6)
}
