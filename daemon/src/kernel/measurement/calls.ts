import { mapConcurrently } from '@welkin/async'
import {
  isCloudError, type Cancel, type Driver, type Machine, type Measurement, type Membership
} from '@welkin/interface'
import type { Calls } from '../../dispatch/index.ts'
import { resolveNode } from '../../resolve-node.ts'

const WIDTH = 8

export interface MeasurementCallPorts {
  calls: Calls
  drivers: readonly Driver[]
  machine: Machine
  measurement: Measurement
  membership: Membership
}

/** Serves `measure`. */
export function serveMeasurement ({ calls, drivers, machine, measurement, membership }: MeasurementCallPorts): Cancel {
  return calls.serve('measure', async ({ peers, probes, bytes }, { signal }) => {
    const cloud = peers.length === 0 ? { nodes: [], silent: [] } : await membership.everyone({ signal })
    const nodes = peers.map(ref => resolveNode(cloud, ref).id)
    return {
      node: membership.self,
      machine: { ...await machine.facts() },
      load: { ...await machine.load() },
      drivers: await Promise.all(drivers.map(async driver => {
        const { attributes, health, reason } = await driver.facts()
        return {
          name: driver.name, abilities: driver.abilities, health, attributes: { ...attributes },
          ...reason === undefined ? {} : { reason }
        }
      })),
      peers: await mapConcurrently(nodes, WIDTH, async node => {
        return { node, ...await measurePeer(measurement, node, { probes, bytes, signal }) }
      })
    }
  })
}

/** One probe after the other, then the bandwidth. What is not answered counts as lost. */
async function measurePeer (
  measurement: Measurement, peer: string,
  { probes, bytes, signal }: { probes: number, bytes: number, signal: AbortSignal }
) {
  const rttsMs: number[] = []
  for (let probe = 0; probe < probes; probe++) {
    const rttMs = await unlessLost(async () => (await measurement.probe(peer, { signal })).rttMs)
    if (rttMs !== undefined) rttsMs.push(rttMs)
  }
  const bandwidth = bytes === 0 || rttsMs.length === 0
    ? undefined
    : await unlessLost(async () => (await measurement.probeBandwidth(peer, bytes, { signal })).bytesPerSecond)
  const sorted = rttsMs.toSorted((a, b) => a - b)
  const [rttMsMin] = sorted
  return {
    lossRatio: 1 - rttsMs.length / probes,
    ...rttMsMin === undefined ? {} : { rttMsMin, rttMs: sorted[Math.floor(sorted.length / 2)] as number },
    ...bandwidth === undefined ? {} : { bandwidthBytesPerSecond: bandwidth }
  }
}

async function unlessLost<T> (work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (!isCloudError(error) || isCloudError(error, 'ECANCELED')) throw error
    return undefined
  }
}
