import { expect } from 'chai'
import type { VirtualMachine } from '@welkin/platform-virtual'
import type { VirtualCloud } from '@welkin/sim'
import { all, codeOf, exitOf, inCloud, knowsAll, run } from './in-cloud.ts'

const machineOf = (cloud: VirtualCloud, name: string): VirtualMachine => cloud.machines.get(name) as VirtualMachine
const FULL = 0

describe('a full disk', () => {
  it('does not keep objects from ending, nor from being ended', async () => {
    await inCloud({ nodes: 1 }, async cloud => {
      const short = await run(cloud.syscalls('n1'), ['run', '--seconds', '2', '--exit', '3'])
      const long = await run(cloud.syscalls('n1'), ['sleep', '1000'])
      await cloud.pass(500)
      machineOf(cloud, 'n1').platter.resize(FULL)
      expect(await exitOf(cloud.syscalls('n1'), short.id)).to.deep.equal({ kind: 'exited', code: 3 })
      const { exit } = await cloud.syscalls('n1').kill({ id: long.id })
      expect(exit).to.deep.equal({ kind: 'signaled', signal: 'SIGTERM' })
      expect(cloud.node('n1')?.processes.promises().objects).to.equal(0)
    })
  })

  it('is written to when there is room again, and a restart on it does no harm', async () => {
    await inCloud({ nodes: 1 }, async cloud => {
      const { id } = await run(cloud.syscalls('n1'), ['run', '--seconds', '2', '--exit', '3'])
      await cloud.pass(500)
      machineOf(cloud, 'n1').platter.resize(FULL)
      await exitOf(cloud.syscalls('n1'), id)
      cloud.crash('n1')
      await cloud.start('n1')
      expect(await exitOf(cloud.syscalls('n1'), id)).to.deep.equal({ kind: 'exited', code: 3 })
      machineOf(cloud, 'n1').platter.resize(1e9)
      await cloud.pass(60_000)
      cloud.powerOff('n1')
      await cloud.start('n1')
      expect((await cloud.syscalls('n1').stat({ id })).exit).to.deep.equal({ kind: 'exited', code: 3 })
    })
  })
})

describe('a daemon that stops', () => {
  it('leaves what it was preparing to its next life', async () => {
    await inCloud({ nodes: 2 }, async cloud => {
      const content = (async function * () { for (let i = 0; i < 64; i++) yield new Uint8Array(1 << 20) })()
      const { blob } = await cloud.syscalls('n2').blob.put({}, { input: content })
      const { id } = await run(cloud.syscalls('n1'), ['exit', '0'], { on: 'n1', files: [{ path: 'x', blob }] })
      await cloud.pass(20)
      expect((await cloud.syscalls('n1').stat({ id })).state).to.equal('preparing')
      await cloud.node('n1')?.stop()
      cloud.crash('n1')
      await cloud.start('n1')
      await knowsAll(cloud)
      expect(await exitOf(cloud.syscalls('n1'), id)).to.deep.equal({ kind: 'exited', code: 0 })
    })
  })
})

describe('a kill', () => {
  it('does not wait for files that the object was to get', async () => {
    await inCloud({ nodes: 3 }, async cloud => {
      const content = (async function * () { yield new Uint8Array(1 << 20) })()
      const { blob } = await cloud.syscalls('n2').blob.put({}, { input: content })
      cloud.network.partition([['n1'], ['n2']])
      const { id } = await run(cloud.syscalls('n1'), ['exit', '0'], { on: 'n1', files: [{ path: 'x', blob }] })
      await cloud.pass(10)
      const startMs = cloud.timeline.nowMs
      expect((await cloud.syscalls('n1').kill({ id })).exit).to.have.nested.property('error.code', 'ECANCELED')
      expect(cloud.timeline.nowMs - startMs).to.be.below(100)
    })
  })
})

describe('objects that do not start', () => {
  it('are tried again ever more rarely', async () => {
    await inCloud({ nodes: 1 }, async cloud => {
      const restart = { policy: 'always', firstMs: 500, maxMs: 60_000 } as const
      const { id } = await run(cloud.syscalls('n1'), ['exit', '1'], { restart })
      await cloud.pass(120_000)
      expect((await cloud.syscalls('n1').stat({ id })).attempt).to.be.within(6, 11)
    })
  })

  it('do not hold up those that need no files', async () => {
    await inCloud({ nodes: 3, nodeOptions: { processes: { startsMax: 2 } } }, async cloud => {
      const content = (async function * () { yield new Uint8Array(1 << 20) })()
      const { blob } = await cloud.syscalls('n2').blob.put({}, { input: content })
      cloud.network.partition([['n1'], ['n2']])
      const files = [{ path: 'x', blob }]
      for (let i = 0; i < 4; i++) await run(cloud.syscalls('n1'), ['exit', '0'], { on: 'n1', files })
      const { id } = await run(cloud.syscalls('n1'), ['exit', '0'], { on: 'n1' })
      expect(await codeOf(cloud.syscalls('n1').wait({ id }, { timeoutMs: 1000 }))).to.equal('none')
    })
  })
})

describe('hosting', () => {
  const spec = { program: { driver: 'modelled', argv: ['sleep', '1000'] } }
  const cp = '1'.repeat(32)
  const objects = [{ id: '2'.repeat(32) }]

  it('refuses an id twice in one request', async () => {
    await inCloud({ nodes: 1 }, async cloud => {
      const twice = [...objects, ...objects]
      expect(await codeOf(cloud.syscalls('n1').host({ cp, spec, objects: twice }))).to.equal('EINVAL')
    })
  })

  it('tells a repeat only what the first request came to', async () => {
    await inCloud({ nodes: 1 }, async cloud => {
      machineOf(cloud, 'n1').platter.resize(FULL)
      const host = async () => await codeOf(cloud.syscalls('n1').host({ cp, spec, objects }))
      expect(await Promise.all([host(), host()])).to.deep.equal(['ENOSPC', 'ENOSPC'])
      machineOf(cloud, 'n1').platter.resize(1e9)
      expect(await Promise.all([host(), host()])).to.deep.equal(['none', 'none'])
      expect((await cloud.syscalls('n1').list({})).objects).to.have.lengthOf(1)
    })
  })

  it('refuses specs that would fill the disk', async () => {
    await inCloud({ nodes: 1 }, async cloud => {
      const large = { ...spec, program: { ...spec.program, env: { X: 'x'.repeat(100_000) } } }
      const many = Array.from({ length: 1000 }, (_, index) => ({ id: index.toString(16).padStart(32, '0') }))
      expect(await codeOf(cloud.syscalls('n1').host({ cp, spec: large, objects: many }))).to.equal('E2BIG')
    })
  })
})

describe('a conversation with an object on another node', () => {
  it('keeps its output and end when the object reads no more', async () => {
    await inCloud({ nodes: 2 }, async cloud => {
      const argv = ['run', '--seconds', '3', '--print', 'hi']
      const { id } = await run(cloud.syscalls('n1'), argv, { on: 'n2', input: true })
      async function * input () {
        for (;;) {
          yield { bytes: new Uint8Array(1000) }
          await cloud.pass(200)
        }
      }
      const items = await all(cloud.syscalls('n1').attach({ id, from: {}, input: true }, { input: input() }))
      expect(items[0]).to.have.property('kind', 'output')
      expect(items.at(-1)).to.deep.equal({ kind: 'exit', exit: { kind: 'exited', code: 0 } })
    })
  })

  it('fails when the caller sends what is no input', async () => {
    await inCloud({ nodes: 2 }, async cloud => {
      const { id } = await run(cloud.syscalls('n1'), ['cat'], { on: 'n2', input: true })
      async function * input () {
        yield { bytes: 'text' as unknown as Uint8Array }
        await cloud.pass(60_000)
      }
      const items = cloud.syscalls('n1').attach({ id, from: {}, input: true }, { input: input() })
      expect(await codeOf(all(items))).to.equal('EINVAL')
    })
  })
})

describe('the list of objects with large specs', () => {
  it('is whole, in pages that fit', async () => {
    await inCloud({ nodes: 2 }, async cloud => {
      const program = { driver: 'modelled', argv: ['sleep', '1000'], env: { X: 'x'.repeat(100_000) } }
      for (let i = 0; i < 6; i++) await cloud.syscalls('n1').spawn({ program, count: 10 })
      const ids: string[] = []
      let after: string | undefined
      do {
        const { objects, next, silent } = await cloud.syscalls('n1').list({ after })
        expect(silent).to.deep.equal([])
        ids.push(...objects.map(({ id }) => id))
        after = next
      } while (after !== undefined)
      expect(ids).to.have.lengthOf(60)
      expect(ids).to.deep.equal(ids.toSorted())
    })
  })
})
