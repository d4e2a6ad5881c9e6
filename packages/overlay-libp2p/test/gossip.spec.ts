import { expect } from 'chai'
import { meshed, read, startNodes, stopAll, text, type TestNode } from './kit.ts'

describe('gossip of five nodes', () => {
  let nodes: TestNode[]

  before(async () => {
    nodes = await startNodes(5)
    // A chain: most messages need to be passed on.
    for (const [i, node] of nodes.slice(1).entries()) {
      await node.transport.dial(nodes[i]?.transport.addresses()[0] as string)
    }
  })

  after(() => stopAll(nodes))

  it('passes messages on along a chain, with who published them first', async () => {
    const heard = nodes.map(() => [] as string[])
    const complete = new Promise<void>(resolve => {
      nodes.forEach(({ gossip }, i) => gossip.subscribe('news', (message, from) => {
        heard[i]?.push(`${read(message)} ${from}`)
        if (heard.every(list => list.length === 4)) resolve()
      }))
    })
    await meshed(nodes, 'news')
    for (const { gossip, transport } of nodes) gossip.publish('news', text(transport.self))
    await complete
    nodes.forEach(({ transport: { self } }, i) => {
      const others = nodes.map(({ transport }) => transport.self).filter(other => other !== self)
      expect(heard[i]).to.have.members(others.map(other => `${other} ${other}`))
    })
  })

  it('tells each listener of a topic, as often as it subscribed, till it cancels', async () => {
    const [first, second] = nodes as [TestNode, TestNode]
    const heard: string[] = []
    const listener = (message: Uint8Array): void => { heard.push(read(message)) }
    const cancels = [first.gossip.subscribe('twice', listener), first.gossip.subscribe('twice', listener)]
    const last = new Promise<void>(resolve => {
      first.gossip.subscribe('twice', message => { if (read(message) === '2') resolve() })
    })
    second.gossip.subscribe('twice', () => {})
    await meshed(nodes, 'twice')
    const one = new Promise<void>(resolve => { first.gossip.subscribe('twice', () => resolve()) })
    second.gossip.publish('twice', text('1'))
    await one
    cancels[0]?.()
    cancels[0]?.()
    second.gossip.publish('twice', text('2'))
    await last
    expect(heard).to.deep.equal(['1', '1', '2'])
  })
})
