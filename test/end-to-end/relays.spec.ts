import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { collectBytes } from '@welkin/async'
import type { RunningDaemon } from '@welkin/daemon/real'
import { LOOK_PERIOD_MS } from '@welkin/links'
import { dial, type Syscalls } from '@welkin/syscalls'
import type { Connection } from '@welkin/syscalls/connect'
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

describe('real daemons that nobody can dial', () => {
  const daemons = new Daemons()

  afterEach(async () => { await daemons.end() })

  it('join, are found, have tasks run and are talked to, also by one another', async () => {
    const between = await daemons.start({ name: 'n1' })
    const { addresses } = between.info
    const asking = await daemons.start({ name: 'n2', join: addresses, listen: [], http: 0 })
    const hidden = await daemons.start({ name: 'n3', join: addresses, listen: [] })
    expect([...asking.info.addresses, ...hidden.info.addresses]).to.deep.equal([])
    const cloud = await daemons.connect(asking)
    const { syscalls } = cloud
    const found = async (): Promise<string[]> =>
      (await syscalls.find({ query: 'name = n3' })).rows.map(({ node }) => node.id)
    await until(async () => (await found()).length === 1 ? true : await Promise.reject(new Error('not yet known')))
    expect(await found()).to.deep.equal([hidden.info.id])
    expect(await hello(syscalls)).to.deep.equal({ kind: 'exited', code: 7 })
    expect(await figure(asking, DETOURS)).to.be.above(0)

    const answer = await talkTo(cloud, 'n3', 18_491)
    expect(answer).to.equal('you said hello')
    const near = await daemons.connect(between)
    expect(await hello(near.syscalls)).to.deep.equal({ kind: 'exited', code: 7 })
  })
})

/** What a program on another node says, that answers on this port. */
async function talkTo (cloud: Connection, on: string, port: number): Promise<string> {
  const program = 'require("net").createServer({ allowHalfOpen: true }, s => { let all = "";' +
    's.on("data", d => { all += d }); s.on("end", () => s.end("you said " + all)) })' +
    `.listen(${port}, "127.0.0.1", () => console.log("ready"))`
  const { objects } = await cloud.syscalls.spawn({
    program: { argv: [process.execPath, '-e', program] }, name: 'echo', on, ports: { echo: port }
  })
  for await (const { bytes } of cloud.syscalls.logs({ id: objects[0]?.id as string, follow: true })) {
    if (bytes.byteLength > 0) break
  }
  const stream = await dial(cloud, 'echo:echo')
  await stream.send(new TextEncoder().encode('hello'))
  await stream.end()
  return new TextDecoder().decode(await collectBytes(stream))
}

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
