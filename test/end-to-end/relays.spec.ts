import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunningDaemon } from '@welkin/daemon/real'
import { LOOK_PERIOD_MS } from '@welkin/links'
import type { Syscalls } from '@welkin/syscalls'
import { expect } from 'chai'
import { Daemons, tokenOf } from './daemons.ts'

const sleep = async (ms: number): Promise<void> => { await new Promise(resolve => { setTimeout(resolve, ms) }) }

const PLACES = ['n1', 'n2', 'n3'].map(name => ({ name, zone: `local/${name}/r1` }))
const DETOURS = 'welkin_overlay_detours'

describe('real daemons of which two see each other only through a third', () => {
  const daemons = new Daemons()

  afterEach(async () => { await daemons.end() })

  it('run and list each other\'s objects, and connect directly when they can', async () => {
    const links = join(await daemons.directory(), 'links.json')
    const places: Record<string, typeof PLACES[number]> = {}
    const setLinks = async (rules: object[]): Promise<void> => {
      await writeFile(links, JSON.stringify({ places, rules }))
      await sleep(3 * LOOK_PERIOD_MS)
    }
    await writeFile(links, '{}')
    const start = async (at: number, others: readonly string[]): Promise<RunningDaemon & { dataDir: string }> => {
      const daemon = await daemons.start({ ...PLACES[at], join: others, links, http: 0 })
      places[daemon.info.id] = PLACES[at] as typeof PLACES[number]
      return daemon
    }
    const between = await start(1, [])
    await setLinks([])
    const first = await start(0, between.info.addresses)
    // The last one has not said anything to the first, and never does directly.
    const last = await start(2, between.info.addresses)
    await setLinks([{ from: 'n1', to: 'n3', both: true, cut: true }])
    const { syscalls } = await daemons.connect(first)

    const exit = await until(async () => await hello(syscalls))
    expect(exit).to.deep.equal({ kind: 'exited', code: 7 })
    const { objects } = await syscalls.list({ ended: true })
    expect(objects.map(({ node }) => node)).to.include(last.info.id)
    const { nodes } = await syscalls.nodes({})
    expect(nodes.map(({ name, state }) => [name, state])).to.deep.equal([['n1', 'up'], ['n2', 'up'], ['n3', 'up']])
    expect(await figure(first, DETOURS)).to.be.above(0) // two, where both ends have sought one at once
    expect(await figure(between, 'welkin_overlay_relayed_bytes_total')).to.be.above(0)

    await setLinks([])
    await until(async () => await figure(first, DETOURS) === 0 ? true : await Promise.reject(new Error('still around')))
    expect(await hello(syscalls)).to.deep.equal({ kind: 'exited', code: 7 })
  })
})

async function hello (syscalls: Syscalls): Promise<object> {
  const program = { driver: 'native', argv: ['sh', '-c', 'exit 7'] }
  const { objects: [object] } = await syscalls.spawn({ program, on: 'n3' })
  return (await syscalls.wait({ id: object?.id ?? '' })).exit
}

/** What `attempt` resolves with, as soon as it does. */
async function until<T> (attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt()
    } catch {
      await sleep(200) // the cut has not been noticed, or the way not yet been found
    }
  }
}

async function figure (daemon: RunningDaemon & { dataDir: string }, name: string): Promise<number> {
  const headers = { authorization: `Bearer ${await tokenOf(daemon)}` }
  const text = await (await fetch(`${daemon.info.http}/metrics`, { headers })).text()
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
}
