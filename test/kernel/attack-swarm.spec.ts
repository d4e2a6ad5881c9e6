import { expect } from 'chai'
import { decodeCall, encode, SYSCALL_PROTOCOL } from '@welkin/abi'
import { ROLES, sealRevocation, type Grant } from '@welkin/capability'
import { drawOne, isCloudError, type NodeId, type Random } from '@welkin/interface'
import { checkCapabilities, grid, VirtualCloud } from '@welkin/sim'
import { QUICK, run } from './in-cloud.ts'
import { Outsider } from './outsider.ts'

const FOREVER_MS = 1e15
const USERS = ['u1', 'u2', 'u3', 'u4']
const NAMES = Array.from({ length: 8 }, (_, i) => `n${i + 1}`)
const GIVEN: readonly Grant[][] = [
  [...ROLES.user], [...ROLES.guest], [{ can: ['*'], zone: 'sim/s1/r1' }],
  [{ can: ['*'], untilMs: Date.UTC(2026, 0) + 60_000 }]
]

interface Ended { faults: string[], executed: number, refused: number }

/** Users and a member that lies ask for all that they can think of, while nodes crash, are cut off and are removed. */
async function swarm (seed: string, plant: (cloud: VirtualCloud) => void = () => {}): Promise<Ended> {
  const ended: Ended = { faults: [], executed: 0, refused: 0 }
  const idle = ['mallory', ...USERS].map(name => ({ name, zone: 'sim/s1/r9' }))
  const cloud: VirtualCloud = new VirtualCloud({
    seed, guarded: true, places: [...grid({ sites: 1, racks: 2, nodes: 8 }), ...idle], nodeOptions: QUICK,
    onNode: node => { checkCapabilities(cloud, node, what => { ended.faults.push(what) }) }
  })
  await cloud.timeline.until(play(cloud, ended, plant))
  return ended
}

async function play (cloud: VirtualCloud, ended: Ended, plant: (cloud: VirtualCloud) => void): Promise<void> {
  const random = cloud.random.fork('attacks')
  for (const name of NAMES) await cloud.start(name, name === 'n1' ? [] : ['n1'])
  await cloud.pass(5000)
  const users = USERS.map((name, at) => new Outsider(cloud, name, GIVEN[at] as Grant[]))
  const mallory = new Outsider(cloud, 'mallory', [{ can: ['node.member'] }, ...ROLES.user])
  const chains: Array<readonly Uint8Array[]> = [...users.map(({ chain }) => chain), mallory.chain, []]
  mallory.transport.serve(SYSCALL_PROTOCOL, {
    request: async payload => {
      chains.push(decodeCall(new Uint8Array(payload)).chain)
      return new Uint8Array(encode({ granted: 1, reservation: '0'.repeat(32) }))
    },
    channel: async () => {}
  })
  for (const { id } of cloud.nodes()) await show(mallory, id)
  plant(cloud)
  const ids: string[] = []
  for (const name of ['n1', 'n2', 'n3']) ids.push((await run(cloud.syscalls(name), ['sleep', '10000'])).id)
  for (let round = 0; round < 60; round++) {
    upset(cloud, random, users)
    await cloud.pass(500 + random.unit() * 1500)
    const up = cloud.nodes().map(({ id }) => id)
    const asks = Array.from({ length: 12 }, async () => {
      const who = drawOne(random, [...users, mallory]) as Outsider
      const [name, args] = drawOne(random, callsAbout(ids, random)) as [string, unknown]
      const chain = drawChain(random, who, chains, cloud, up)
      try {
        await who.ask(drawOne(random, up) as NodeId, name, args, chain)
        ended.executed++
      } catch (error) {
        if (!isCloudError(error)) throw error
        ended.refused++
      }
    })
    await Promise.all(asks)
  }
}

async function show (one: Outsider, to: NodeId): Promise<void> {
  await one.request(to, '/welkin/admission/1', encode(['present', 'sim/s1/r9', one.chain, new Uint8Array(32)]))
}

/** A machine that fails or comes back, a cut, or somebody who is removed. */
function upset (cloud: VirtualCloud, random: Random, users: readonly Outsider[]): void {
  const kind = Math.floor(random.unit() * 8)
  const name = drawOne(random, NAMES) as NodeId
  const isUp = cloud.node(name) !== undefined
  if (kind === 0) cloud.network.partition([NAMES.slice(0, 4), NAMES.slice(4)])
  else if (kind === 1) cloud.network.heal()
  else if (kind === 2 && isUp && name !== 'n1') cloud.powerOff(name)
  else if (kind === 3 && !isUp) void cloud.start(name, ['n1'])
  else if (kind === 4) cloud.machines.get(name)?.quartz.stepWall((random.unit() - 0.5) * 1_200_000)
  else if (kind === 5 && random.unit() < 0.3 && isUp) {
    const target = drawOne(random, [...users.map(user => user.name), 'mallory']) as string
    const { wire } = sealRevocation({ target, expiresMs: FOREVER_MS }, cloud.root?.key as never)
    void cloud.node(name)?.authentication?.revoke(wire)
  }
}

function callsAbout (ids: readonly string[], random: Random): Array<[string, unknown]> {
  const id = drawOne(random, ids) as string
  const program = { driver: 'modelled', argv: ['exit', '0'] }
  const spec = { program, can: ['*'] }
  const cp = '0'.repeat(32)
  return [
    ['nodes', {}], ['list', {}], ['stat', { id }], ['spawn', { program }], ['signal', { id, signal: 'SIGHUP' }],
    ['keys', {}], ['locate', { ref: id }], ['reserve', { count: 1, driver: 'modelled' }],
    ['host', { cp, spec, objects: [{ id: cp }], chain: [] }], ['invite', {}], ['whoami', {}]
  ]
}

/** One's own, or somebody else's, as it is or handed on, cut, or with a link more that nobody has given. */
function drawChain (
  random: Random, who: Outsider, chains: ReadonlyArray<readonly Uint8Array[]>, cloud: VirtualCloud,
  up: readonly NodeId[]
): readonly Uint8Array[] {
  const kind = Math.floor(random.unit() * 6)
  if (kind < 2) return who.chain
  const shown = up.flatMap(name => [cloud.node(name)?.authentication?.certificate ?? []])
  const chain = drawOne(random, [...chains, ...shown]) as readonly Uint8Array[]
  if (kind === 2) return chain
  if (kind === 3) return chain.slice(1)
  const audience = drawOne(random, [who.name, ...up]) as string
  const mine = kind === 4 ? who.chain : chain
  return who.extend(mine, { audience, grants: [{ can: ['*'] }], proxy: random.unit() < 0.5, expiresMs: FOREVER_MS })
}

describe('no call is executed without a capability that is valid then', function () {
  this.timeout(120_000)

  for (const seed of ['1', '2', '3', '4']) {
    it(`whatever users, a lying member, cuts, crashes, clocks and revocations do: seed ${seed}`, async () => {
      const { faults, executed, refused } = await swarm(seed)
      expect(faults).to.deep.equal([])
      expect(executed).to.be.above(50)
      expect(refused).to.be.above(100)
    })
  }

  it('which is noticed where a node forgets to look', async () => {
    const { faults } = await swarm('1', cloud => {
      const authentication = cloud.node('n1')?.authentication
      if (authentication !== undefined) authentication.check = async () => {}
    })
    expect(faults.length).to.be.above(0)
  })
})
