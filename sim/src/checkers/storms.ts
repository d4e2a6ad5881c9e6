import type { Cancel } from '@welkin/interface'
import type { VirtualCloud } from '../virtual-cloud.ts'

const PERIOD_MS = 5000
/** A node has a few to say each second, and some dozens while much happens. */
const MESSAGES_A_SECOND_MAX = 200

/** Looks whether any node talks without end, as one does that is caught in a circle of questions and answers. */
export function watchStorms (cloud: VirtualCloud, fault: (what: string) => void): Cancel {
  const sent = new Map<string, number>()
  return cloud.every(PERIOD_MS, () => {
    for (const { name } of cloud.places) {
      const { sentMessages } = cloud.network.trafficOf(name)
      const rate = (sentMessages - (sent.get(name) ?? 0)) / (PERIOD_MS / 1000)
      if (rate > MESSAGES_A_SECOND_MAX) fault(`${name} sends ${Math.round(rate)} messages a second`)
      sent.set(name, sentMessages)
    }
  })
}
