/** Something that is done again and again. */
export type Work = () => Promise<unknown>

export interface Load {
  /** So many are under way at any time. */
  inFlight: number
  /** For so long new ones are begun. */
  ms: number
}

/** How often a second `work` is done under this load. */
export async function rateOf (work: Work, { inFlight, ms }: Load): Promise<number> {
  const startMs = performance.now()
  const endMs = startMs + ms
  let done = 0
  const oneAfterTheOther = async (): Promise<void> => {
    while (performance.now() < endMs) {
      await work()
      done++
    }
  }
  await Promise.all(Array.from({ length: inFlight }, oneAfterTheOther))
  return done / (performance.now() - startMs) * 1000
}

/** How long each took, in milliseconds, when one is begun after the other for `ms`. */
export async function latenciesOf (work: Work, ms: number): Promise<number[]> {
  const latencies: number[] = []
  const endMs = performance.now() + ms
  for (let startMs = performance.now(); startMs < endMs;) {
    await work()
    const nowMs = performance.now()
    latencies.push(nowMs - startMs)
    startMs = nowMs
  }
  return latencies
}
