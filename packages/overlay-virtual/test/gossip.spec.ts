import { expect } from 'chai'
import { sleep } from '@welkin/async'
import { drawInteger } from '@welkin/interface'
import { createVirtualRandom } from '@welkin/platform-virtual'
import { createStage, type Node, type Stage } from './stage.ts'

const message = new Uint8Array(200)

/** Nodes that each dial `degree` others and listen to one topic; `heard` counts what each has heard. */
async function createCrowd (size: number, degree: number): Promise<Stage & { heard: number[] }> {
  const names = Array.from({ length: size }, (_none, i) => `n${i}`)
  const stage = createStage(names)
  const random = createVirtualRandom('crowd')
  const heard = names.map(() => 0)
  await stage.until(Promise.all(stage.nodes.map(async ({ transport, gossip }, i) => {
    gossip.subscribe('news', () => { heard[i] = (heard[i] as number) + 1 })
    for (let j = 0; j < degree; j++) await transport.dial(`virtual:n${drawInteger(random, size)}`)
  })))
  await stage.until(sleep((stage.nodes[0] as Node).clock, 5000))
  return { ...stage, heard }
}

describe('Gossip in virtual time', () => {
  it('reaches everyone in little time at a cost for each node that does not grow', async () => {
    const costs: number[] = []
    for (const size of [50, 400]) {
      const { timeline, network, nodes, heard } = await createCrowd(size, 6)
      const before = nodes.reduce((sum, { self }) => sum + network.trafficOf(self).sentMessages, 0)
      nodes[7]?.gossip.publish('news', message)
      await timeline.runUntil(timeline.nowMs + 200)
      expect(heard.filter(count => count === 1)).to.have.lengthOf(size - 1)
      const after = nodes.reduce((sum, { self }) => sum + network.trafficOf(self).sentMessages, 0)
      costs.push((after - before) / size)
    }
    for (const cost of costs) expect(cost).to.be.within(1, 6)
  })

  it('reaches everyone who lives when a third has lost its power', async () => {
    const { timeline, machines, nodes, heard } = await createCrowd(90, 8)
    for (const machine of machines.slice(0, 30)) machine.powerOff()
    nodes[80]?.gossip.publish('news', message)
    await timeline.runUntil(timeline.nowMs + 20_000)
    const missed = heard.filter((count, i) => i >= 30 && i !== 80 && count !== 1)
    expect(missed).to.deep.equal([])
    expect(heard.slice(0, 30).every(count => count === 0)).to.equal(true)
  })

  it('reaches whoever hangs by one connection', async () => {
    const stage = createStage(Array.from({ length: 30 }, (_none, i) => `n${i}`))
    const heard = new Set<number>()
    for (const [i, { transport, gossip }] of stage.nodes.entries()) {
      gossip.subscribe('news', () => { heard.add(i) })
      if (i > 0) await stage.until(transport.dial('virtual:n0'))
    }
    await stage.timeline.runUntil(stage.timeline.nowMs + 5000)
    stage.nodes[3]?.gossip.publish('news', message)
    await stage.timeline.runUntil(stage.timeline.nowMs + 3000)
    expect(heard.size).to.equal(29)
  })

  it('rests when nothing happens', async () => {
    const { timeline } = await createCrowd(50, 6)
    await timeline.runUntil(timeline.nowMs + 10_000)
    const { eventCount } = timeline
    await timeline.runUntil(timeline.nowMs + 3_600_000)
    expect(timeline.eventCount).to.equal(eventCount)
  })
})
