import { account } from '../checkers/accounting.ts'
import { seesTheTruth } from '../checkers/convergence.ts'
import { watchSingleCopies } from '../checkers/single-copy.ts'
import { cutPower, returnPower } from '../faults/rack-power.ts'
import type { Scenario } from '../run.ts'
import { spawnBatch } from '../workloads/batch.ts'

const JOIN_WITHIN_MS = 5000
const CONVERGE_WITHIN_MS = 120_000
const DARK_MS = 60_000
const END_WITHIN_MS = 600_000

/** The first story: machines join, work comes in, a rack goes dark in the middle of it and comes back. */
export const rackPowerCut: Scenario = {
  name: 'rack-power-cut',
  about: 'Nodes join and spawn 1,000 tasks; a rack loses power for a minute and returns; every task is accounted for.',
  topology: { sites: 2, racks: 5, nodes: 100 },
  async play (cloud, fault) {
    const random = cloud.random.fork('scenario')
    const within = (taken: number | undefined, what: string): number => {
      if (taken === undefined) fault(`${what} did not happen in time`)
      return (taken ?? Number.NaN) / 1000
    }
    const fullView = (): Promise<number | undefined> =>
      cloud.until(() => seesTheTruth(cloud), { timeoutMs: CONVERGE_WITHIN_MS })

    const [first, ...others] = cloud.places.map(({ name }) => name)
    if (first === undefined) throw new RangeError('A cloud has at least one node.')
    // Not the first node's, whom the others join by. A cloud of one rack has none to lose.
    const rack = cloud.places.map(({ zone }) => zone).find(zone => zone !== cloud.zoneOf(first))
    await cloud.start(first)
    const joining = Promise.all(others.map(async name => {
      await cloud.pass(random.unit() * JOIN_WITHIN_MS)
      await cloud.start(name, [first])
    }))
    await joining
    const joinedSeconds = within(await fullView(), 'full view after joining')

    const stopWatching = watchSingleCopies(cloud, 500, fault)
    const spawning = spawnBatch(cloud, random, { objects: 1000, perCall: 20, pauseMs: 400, secondsMax: 120 })
    await cloud.pass(10_000)
    const darkened = rack === undefined ? [] : cutPower(cloud, rack)
    const noticedSeconds = within(await fullView(), 'notice of the power cut')
    await cloud.pass(DARK_MS)
    await returnPower(cloud, darkened, 2000)
    const returnedSeconds = within(await fullView(), 'full view after the return')

    const batch = await spawning
    const idle = (): boolean => cloud.nodes().every(({ processes }) => processes.promises().objects === 0)
    const idleMs = await cloud.until(idle, { periodMs: 1000, timeoutMs: END_WITHIN_MS })
    const idleSeconds = within(idleMs, 'the end of all tasks')
    stopWatching()
    const { exited, lost, restarted } = await account(cloud, batch, new Set(darkened), fault)
    return {
      acknowledged: batch.acknowledged.size, refused: batch.refused, exited, lost, restarted,
      joinedSeconds, noticedSeconds, returnedSeconds, idleSeconds
    }
  }
}
