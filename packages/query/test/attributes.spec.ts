import { expect } from 'chai'
import type { NodeView } from '@welkin/interface'
import { ATTRIBUTES, attributeManual } from '../src/index.ts'
import { GIB, nodeView } from './kit.ts'

const read = (name: string, node: NodeView): unknown => ATTRIBUTES.get(name)?.of(node)

const withLoad = (load: Partial<NodeView['load']>): NodeView => nodeView({ load: { ...nodeView().load, ...load } })

describe('attributes', () => {
  it('count as free what is neither used nor promised, and never less than nothing', () => {
    expect(read('cpu.free', nodeView())).to.equal(4)
    expect(read('cpu.free', withLoad({ cpuPromised: 3, cpuBusyRatio: 0.5 }))).to.equal(1)
    expect(read('cpu.free', withLoad({ cpuPromised: 1, cpuBusyRatio: 0.5 }))).to.equal(2)
    expect(read('cpu.free', withLoad({ cpuPromised: 9 }))).to.equal(0)
    expect(read('memory.free', withLoad({ memoryFreeBytes: 5 * GIB, memoryPromisedBytes: GIB }))).to.equal(5 * GIB)
    expect(read('memory.free', withLoad({ memoryFreeBytes: 5 * GIB, memoryPromisedBytes: 6 * GIB }))).to.equal(2 * GIB)
    expect(read('memory.free', withLoad({ memoryPromisedBytes: 99 * GIB }))).to.equal(0)
    expect(read('objects.free', withLoad({ objects: 11 }))).to.equal(0)
  })

  it('take a node for as full as it is of what it has least of', () => {
    expect(read('load', nodeView())).to.equal(0)
    expect(read('load', withLoad({ objects: 5, cpuPromised: 1 }))).to.equal(0.5)
    expect(read('load', withLoad({ objects: 5, memoryPromisedBytes: 6 * GIB }))).to.equal(0.75)
    expect(read('load', withLoad({ objectsMax: 0 }))).to.equal(1)
  })

  it('know site and rack from the zone', () => {
    expect(read('site', nodeView({ zone: 'acme/lyon/r1' }))).to.equal('acme/lyon')
    expect(read('rack', nodeView({ zone: 'acme/lyon/r1' }))).to.equal('acme/lyon/r1')
    expect(read('rack', nodeView({ zone: 'acme/lyon' }))).to.equal(undefined)
  })

  it('are undefined where a machine does not tell', () => {
    for (const name of ['cpu.busy', 'load.1m', 'disk.free', 'disk.read', 'network.in', 'pressure.io', 'price']) {
      expect(read(name, nodeView()), name).to.equal(undefined)
    }
  })

  it('are told of machines that know more', () => {
    const load = {
      ...nodeView().load,
      load1m: 2.5,
      pressure: { cpu: 0.1, memory: 0.2, io: 0.3 },
      network: { receivedBytesPerSecond: 1, sentBytesPerSecond: 2 },
      disk: { readBytesPerSecond: 3, writtenBytesPerSecond: 4 }
    }
    for (const [name, value] of [
      ['load.1m', 2.5], ['pressure.cpu', 0.1], ['pressure.memory', 0.2], ['pressure.io', 0.3],
      ['network.in', 1], ['network.out', 2], ['disk.read', 3], ['disk.write', 4]
    ] as const) expect(read(name, nodeView({ load })), name).to.equal(value)
  })

  it('are all in the manual', () => {
    const manual = attributeManual()
    for (const name of ATTRIBUTES.keys()) expect(manual).to.include(`| \`${name}\` |`)
    expect(manual).to.include('| `cpu.free` | a number such as 2 or 0.5 | CPUs that are neither busy nor promised. |\n')
  })
})
