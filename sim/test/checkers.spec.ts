import { expect } from 'chai'
import { account, type Promised } from '../src/checkers/accounting.ts'
import { seesTheTruth } from '../src/checkers/convergence.ts'
import { watchSingleCopies } from '../src/checkers/single-copy.ts'
import { grid } from '../src/topology/grid.ts'
import { VirtualCloud } from '../src/virtual-cloud.ts'

/** Two nodes that have run a small batch to its end, and whatever `story` then does with them. */
async function afterBatch (
  story: (cloud: VirtualCloud, batch: Promised, fault: (what: string) => void) => Promise<void>
): Promise<string[]> {
  const cloud = new VirtualCloud({ seed: 'checkers', places: grid({ sites: 1, racks: 1, nodes: 2 }) })
  const faults: string[] = []
  await cloud.timeline.until((async () => {
    await cloud.start('n1')
    await cloud.start('n2', ['n1'])
    await cloud.until(() => seesTheTruth(cloud), { timeoutMs: 30_000 })
    const acknowledged = new Map<string, { restarts: boolean }>()
    for (const name of ['n1', 'n2']) {
      const program = { driver: 'modelled', argv: ['run', '--seconds', '3', '--cpu', '0.01'] }
      const { objects } = await cloud.syscalls(name).spawn({ count: 5, program })
      for (const { id } of objects) acknowledged.set(id, { restarts: false })
    }
    await cloud.pass(10_000)
    await story(cloud, { acknowledged, unanswered: new Set() }, what => { faults.push(what) })
  })())
  return faults
}

describe('accounting', () => {
  it('finds nothing to tell where all is well', async () => {
    const faults = await afterBatch(async (cloud, batch, fault) => {
      const { places, ...fates } = await account(cloud, batch, new Set(), fault)
      expect(fates).to.deep.equal({ exited: 10, lost: 0, restarted: 0 })
      expect([...places]).to.deep.equal([['sim/s1/r1', 10]])
    })
    expect(faults).to.deep.equal([])
  })

  it('misses an object that was acknowledged and is gone', async () => {
    let missing = ''
    const faults = await afterBatch(async (cloud, batch, fault) => {
      missing = [...batch.acknowledged.keys()][3] as string
      await cloud.syscalls('n1').remove({ id: missing })
      await account(cloud, batch, new Set(), fault)
    })
    expect(faults).to.deep.equal([`object ${missing} was acknowledged and is nowhere`])
  })

  it('tells of an object that is on two nodes, and of one that ended otherwise than it should', async () => {
    const faults = await afterBatch(async (cloud, { acknowledged }, fault) => {
      const [id] = [...acknowledged.keys()]
      const { node, cp } = await cloud.syscalls('n1').stat({ id: id as string })
      const spec = { program: { driver: 'modelled', argv: ['exit', '9'] } }
      await cloud.syscalls(node === 'n1' ? 'n2' : 'n1').host({ cp, spec, objects: [{ id: id as string }] })
      const { objects: [failed] } = await cloud.syscalls('n1').spawn(spec)
      await cloud.pass(1000)
      const all = new Map([...acknowledged, [failed?.id as string, { restarts: false }]])
      await account(cloud, { acknowledged: all, unanswered: new Set() }, new Set(), fault)
    })
    expect(faults).to.have.lengthOf(2)
    expect(faults[0]).to.match(/is on n1 and n2|is on n2 and n1/)
    expect(faults[1]).to.include('"code":9')
  })
})

describe('accounting for what nobody was told of', () => {
  it('misses no object that exists without an acknowledgement, but for those of a call without an answer', async () => {
    const spec = { program: { driver: 'modelled', argv: ['exit', '0'] } }
    const faults = await afterBatch(async (cloud, batch, fault) => {
      const orphan = await cloud.syscalls('n1').spawn({ ...spec, on: 'n2' })
      const unknown = await cloud.syscalls('n1').spawn(spec)
      await cloud.pass(1000)
      await account(cloud, { ...batch, unanswered: new Set([unknown.cp]) }, new Set(), fault)
      fault(orphan.objects[0]?.id as string)
    })
    expect(faults).to.have.lengthOf(2)
    expect(faults[0]).to.equal(`object ${faults[1]} on n2 exists, and nobody was told of it`)
  })
})

describe('the watch for single copies', () => {
  it('sees an object that runs twice', async () => {
    const faults = await afterBatch(async (cloud, _batch, fault) => {
      const stop = watchSingleCopies(cloud, 100, fault)
      const spec = { program: { driver: 'modelled', argv: ['sleep', '5'] } }
      for (const name of ['n1', 'n2']) {
        await cloud.syscalls(name).host({ cp: '1'.repeat(32), spec, objects: [{ id: '2'.repeat(32) }] })
      }
      await cloud.pass(1000)
      stop()
    })
    expect(faults[0]).to.equal(`object ${'2'.repeat(32)} runs on n1 and n2 at once`)
  })
})

describe('the view of the cloud', () => {
  it('is not the truth while a dead node is held to be up', async () => {
    await afterBatch(async cloud => {
      expect(seesTheTruth(cloud)).to.equal(true)
      cloud.powerOff('n2')
      expect(seesTheTruth(cloud)).to.equal(false)
    })
  })
})
