import { decode, encodeCall, SYSCALL_PROTOCOL } from '@welkin/abi'
import { sealDelegation, type DelegationTerms, type Grant } from '@welkin/capability'
import type { Keys, NodeId, Transport } from '@welkin/interface'
import type { VirtualMachine } from '@welkin/platform-virtual'
import type { VirtualCloud } from '@welkin/sim'

/** A user of the cloud, who asks as an outsider: from a machine that is no node. */
export class Outsider {
  readonly keys: Keys
  readonly transport: Transport
  readonly name: NodeId
  chain: readonly Uint8Array[]
  #requests = 0

  constructor (cloud: VirtualCloud, name: NodeId, grants: readonly Grant[], expiresMs?: number) {
    this.name = name
    this.keys = cloud.authority.keysOf(name)
    const { life, ...ports } = (cloud.machines.get(name) as VirtualMachine).powerOn()
    const { transport } = cloud.network.join(name, { life, clock: ports.clock, log: ports.log })
    for (const { name: peer } of cloud.places) transport.learn(peer, [`virtual:${peer}`])
    this.transport = transport
    this.chain = grants.length === 0 ? [] : cloud.root?.give(name, grants, expiresMs) ?? []
  }

  /** What is answered to a call, decoded. */
  async ask (
    peer: NodeId, name: string, args: unknown, chain = this.chain, more: { hops?: number, requestId?: string } = {}
  ): Promise<unknown> {
    const { hops = 0, requestId = (++this.#requests).toString(16).padStart(32, 'f') } = more
    return decode(await this.request(peer, SYSCALL_PROTOCOL, encodeCall({ name, args, requestId, hops, chain })))
  }

  async request (peer: NodeId, protocol: string, payload: Uint8Array): Promise<Uint8Array> {
    return await this.transport.link(peer, protocol).request(payload, { timeoutMs: 5000 })
  }

  /** A link more to a chain that ends here. */
  extend (chain: readonly Uint8Array[], terms: DelegationTerms): Uint8Array[] {
    const seal = { signer: this.keys, parent: chain.at(-1), nonce: new Uint8Array(8).fill(++this.#requests) }
    return [...chain, sealDelegation(terms, seal, this.keys)]
  }
}
