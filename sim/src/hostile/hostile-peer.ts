import { decode, encode } from '@welkin/abi'
import {
  isCloudError, siteOf, type Cancel, type Gossip, type Keys, type NodeId, type Transport, type Zone
} from '@welkin/interface'
import type { VirtualMachine } from '@welkin/platform-virtual'
import type { VirtualCloud, Ways } from '../virtual-cloud.ts'
import { Voice } from './voice.ts'

export const SITE_PROTOCOL = '/welkin/site/1'
export const CLOUD_PROTOCOL = '/welkin/cloud/1'
/** Answered by where a node stands. */
export const ECHO_PROTOCOL = '/welkin/echo/1'
export const SUMMARIES_TOPIC = '/welkin/summaries/1'

/** Ends the range of handles. */
const HANDLES_END = 2 ** 48

/** A peer with a machine in the cloud's network, and no good intentions. */
export class HostilePeer extends Voice {
  readonly gossip: Gossip
  readonly #transport: Transport
  readonly #handlers: Ways['handlers']
  readonly #site: Zone

  private constructor (keys: Keys, { transport, gossip, handlers, site }: Ways & { site: Zone }) {
    super(keys)
    this.#handlers = handlers
    this.#site = site
    this.gossip = gossip
    this.#transport = transport
  }

  /** Takes the place of a daemon on a machine where none runs. */
  static on (cloud: VirtualCloud, name: NodeId): HostilePeer {
    const machine = cloud.machines.get(name) as VirtualMachine
    const { life, clock, log, keys } = machine.powerOn()
    const ways = { ...cloud.network.join(name, { life, clock, log }), handlers: new Map() }
    return new HostilePeer(keys, { ...ways, site: siteOf(cloud.zoneOf(name)) })
  }

  /** Speaks with the voice of the daemon that runs under this name, beside it; undefined where none does. */
  static within (cloud: VirtualCloud, name: NodeId): HostilePeer | undefined {
    const ways = cloud.waysOf(name)
    const site = siteOf(cloud.zoneOf(name))
    return ways === undefined ? undefined : new HostilePeer(cloud.authority.keysOf(name), { ...ways, site })
  }

  /** Answers what it is asked with whatever `answer` gives. */
  serve (protocol: string, answer: () => unknown): void {
    this.#transport.serve(protocol, {
      request: async () => encode(answer()),
      channel: async () => {}
    })
  }

  /** Another thing in each life of its daemon. */
  get life (): object {
    return this.#handlers
  }

  /** Answers in the daemon's place where `answer` gives something, until the returned function is called. */
  twist (protocol: string, answer: (question: Uint8Array) => unknown): Cancel {
    const honest = this.#handlers.get(protocol)
    if (honest === undefined) return () => {}
    this.#handlers.set(protocol, {
      ...honest,
      request: async (payload, incoming) => {
        const twisted = answer(payload)
        return twisted === undefined ? await honest.request(payload, incoming) : encode(twisted)
      }
    })
    return () => { this.#handlers.set(protocol, honest) }
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

  /** What a node tells whoever asks for all that it knows: the statements of all that are up, as they came. */
  async statementsOf (peer: NodeId, own: readonly Uint8Array[] = []): Promise<Uint8Array[]> {
    const aged = own.flatMap(wire => [wire, 0])
    const question = encode([3, this.#site, aged, 0, HANDLES_END, new Uint8Array()])
    const answer = await this.send(peer, SITE_PROTOCOL, question)
    const news: unknown = Array.isArray(answer) ? answer[0] : []
    return Array.isArray(news) ? news.filter(part => part instanceof Uint8Array) : []
  }

  /** Tells statements as news, each with an age in steps of ten milliseconds. */
  async tell (peer: NodeId, statements: readonly Uint8Array[], age = 0): Promise<unknown> {
    return await this.send(peer, SITE_PROTOCOL, encode([1, statements.flatMap(wire => [wire, age]), null]))
  }
}
