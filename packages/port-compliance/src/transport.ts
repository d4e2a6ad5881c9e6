import type { NodeId, Transport } from '@welkin/interface'
import { channelFacts } from './transport-channels.ts'
import { connectionFacts } from './transport-connections.ts'
import { requestFacts } from './transport-requests.ts'
import { factsIn, type Setup } from './world.ts'

export interface TransportPorts {
  /** Three nodes that have learnt one another's addresses. */
  a: Transport
  b: Transport
  c: Transport
  /** The well-formed id of a node that nobody knows. */
  stranger: NodeId
  /** Breaks every connection between `a` and `b`, without a farewell; both could connect again at once. */
  disconnect: () => Promise<void>
}

export function transportCompliance (setup: Setup<TransportPorts>): void {
  describe('as a Transport', () => {
    const fact = factsIn(setup)
    describe('for requests', () => requestFacts(fact))
    describe('for channels', () => channelFacts(fact))
    describe('for connections', () => connectionFacts(fact))
  })
}
