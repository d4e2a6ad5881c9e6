import type { VirtualCloud } from '../virtual-cloud.ts'

/** Whether every node that runs sees exactly those that run as up. */
export function seesTheTruth (cloud: VirtualCloud): boolean {
  const running = cloud.nodes()
  const names = new Set(running.map(({ id }) => id))
  return running.every(({ membership }) => {
    const up = membership.nodes().filter(({ state }) => state === 'up')
    return up.length === names.size && up.every(({ id }) => names.has(id))
  })
}
