import type { MachinePressure } from '@welkin/interface'
import { known } from './known.ts'

/**
 * The share of the last ten seconds in which some task waited, 0 to 1, from a file of /proc/pressure; undefined where
 * it is not that.
 */
export function parsePressure (text: string): number | undefined {
  const percent = /^some avg10=(\d+(?:\.\d+)?) /m.exec(text)?.[1]
  return percent === undefined ? undefined : Math.min(1, Number(percent) / 100)
}

/** Undefined where the kernel does not watch pressure. `read`: the text of a file, empty where there is none. */
export function readPressure (read: (path: string) => string): MachinePressure | undefined {
  const pressureOn = (what: string): number | undefined => parsePressure(read(`/proc/pressure/${what}`))
  const pressure = known<MachinePressure>({
    cpu: pressureOn('cpu'), memory: pressureOn('memory'), io: pressureOn('io')
  })
  return Object.keys(pressure).length === 0 ? undefined : pressure
}
