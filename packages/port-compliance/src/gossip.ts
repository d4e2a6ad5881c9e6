import { expect } from 'chai'
import type { Gossip, NodeId } from '@welkin/interface'
import { factsIn, type Setup } from './world.ts'

export interface GossipPorts {
  /** Three or more nodes, connected to one another. */
  nodes: ReadonlyArray<{ self: NodeId, gossip: Gossip }>
  /** Resolves when what was subscribed to and cancelled so far has become known, and a message would spread. */
  ready: (topic: string) => Promise<void>
  /** The same for all but the first node, which neither hears nor is heard. */
  readyWithin: (topic: string) => Promise<void>
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

interface Ear { heard: string[], until: (count: number) => Promise<void>, cancel: () => void }

/** All that one node hears, and when it has heard `count` messages. */
function listen (gossip: Gossip, topic: string): Ear {
  const heard: string[] = []
  let wake = (): void => {}
  const cancel = gossip.subscribe(topic, (message, from) => {
    heard.push(`${new TextDecoder().decode(message)} from ${from}`)
    wake()
  })
  const until = async (count: number): Promise<void> => {
    while (heard.length < count) await new Promise<void>(resolve => { wake = resolve })
  }
  return { heard, until, cancel }
}

export function gossipCompliance (setup: Setup<GossipPorts>): void {
  describe('as Gossip', () => {
    const fact = factsIn(setup)

    fact('brings every message once to all subscribers but its publisher, with who published', async ports => {
      const { nodes, ready } = ports
      const ears = nodes.map(({ gossip }) => listen(gossip, 'news'))
      await ready('news')
      for (const { self, gossip } of nodes) {
        for (let i = 0; i < 5; i++) gossip.publish('news', bytesOf(`${self} ${i}`))
      }
      await Promise.all(ears.map(async ({ until }) => await until(5 * (nodes.length - 1))))
      for (const [place, { heard }] of ears.entries()) {
        const others = nodes.filter((_node, i) => i !== place)
        const told = others.flatMap(({ self }) => [0, 1, 2, 3, 4].map(n => `${self} ${n} from ${self}`))
        expect(heard.toSorted()).to.deep.equal(told.toSorted())
      }
    })

    fact('keeps topics apart', async ({ nodes: [publisher, subscriber], ready }) => {
      const ears = ['one', 'two'].map(topic => listen((subscriber as GossipPorts['nodes'][number]).gossip, topic))
      for (const topic of ['one', 'two']) await ready(topic)
      for (const topic of ['one', 'two']) publisher?.gossip.publish(topic, bytesOf(topic))
      await Promise.all(ears.map(async ({ until }) => await until(1)))
      const from = publisher?.self
      expect(ears.map(({ heard }) => heard)).to.deep.equal([[`one from ${from}`], [`two from ${from}`]])
    })

    fact('neither tells nor hears whoever is not admitted', async ({ nodes, readyWithin }) => {
      const [outsider, ...members] = nodes
      const isMember = (peer: NodeId): boolean => peer !== outsider?.self
      for (const { gossip } of members) gossip.admit(isMember)
      const ears = nodes.map(({ gossip }) => listen(gossip, 'news'))
      await readyWithin('news')
      outsider?.gossip.publish('news', bytesOf('from outside'))
      for (const { gossip } of members) gossip.publish('news', bytesOf('within'))
      await Promise.all(ears.slice(1).map(async ({ until }) => await until(members.length - 1)))
      expect(ears[0]?.heard).to.deep.equal([])
      expect(ears.slice(1).flatMap(({ heard }) => heard).filter(text => text.includes('outside'))).to.deep.equal([])
    })

    fact('brings nothing to whoever has cancelled', async ({ nodes, ready }) => {
      const [left, ...others] = nodes.map(({ gossip }) => listen(gossip, 'news'))
      await ready('news')
      left?.cancel()
      await ready('news')
      nodes[1]?.gossip.publish('news', bytesOf('late'))
      await Promise.all(others.slice(1).map(async ({ until }) => await until(1)))
      expect(left?.heard).to.deep.equal([])
    })
  })
}
