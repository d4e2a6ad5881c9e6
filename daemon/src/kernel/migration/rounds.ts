/** One copy of what had changed, and how long that took. */
export interface Round { bytes: number, ms: number }

export interface Patience { roundsMax: number, downMsMax: number, giveUp: boolean }

/** What takes no longer is not made shorter by another round. */
const LEAST_MS = 2

/**
 * What comes after some rounds of copying a state that changes meanwhile, when `dirtyBytes` of it have changed since
 * (pre-copy: Clark et al., Live Migration of Virtual Machines, 2005). It is stopped when the rest takes no longer than
 * it may stand still and another round would hardly shorten that, when a round made no headway, or when there were
 * enough of them.
 */
export function afterRounds (
  rounds: readonly Round[], dirtyBytes: number, { roundsMax, downMsMax, giveUp }: Patience
): 'again' | 'stop' | 'give up' {
  const expectedMs = expectedMsOf(rounds, dirtyBytes)
  const lastBytes = rounds.at(-1)?.bytes ?? Infinity
  const isShort = expectedMs !== undefined && expectedMs <= downMsMax
  if (isShort && (expectedMs <= LEAST_MS || !hasHalved(lastBytes, dirtyBytes))) return 'stop'
  const isFutile = rounds.length >= 2 && dirtyBytes > 0.9 * lastBytes
  if (rounds.length < roundsMax && !isFutile) return 'again'
  if (isShort) return 'stop'
  return giveUp ? 'give up' : 'stop'
}

function hasHalved (beforeBytes: number, bytes: number): boolean {
  return bytes <= beforeBytes / 2
}

/** How long so many bytes take at the pace so far; undefined: nothing was sent yet. */
export function expectedMsOf (rounds: readonly Round[], bytes: number): number | undefined {
  if (bytes === 0) return 0
  const sent = rounds.reduce((sum, round) => sum + round.bytes, 0)
  const ms = rounds.reduce((sum, round) => sum + round.ms, 0)
  return sent === 0 ? undefined : bytes * ms / sent
}

export interface Way { bandwidthBytesPerSecond?: number | undefined, rttMs?: number | undefined }

/** Of each move: asking, reserving, deciding and taking over are so many round trips, of which some while it stands. */
const ROUND_TRIPS = 8
const ROUND_TRIPS_DOWN = 2

/** What a move is going to take, by the geometric series of its rounds; undefined where the way is not known. */
export function expectedCost (
  { bytes, dirtyBytesPerSecond }: { bytes: number, dirtyBytesPerSecond: number },
  { bandwidthBytesPerSecond, rttMs }: Way, { roundsMax, downMsMax }: Patience
): { totalMs: number, downMs: number } | undefined {
  if (bandwidthBytesPerSecond === undefined || bandwidthBytesPerSecond <= 0 || rttMs === undefined) return undefined
  let [left, copyMs] = [bytes, 0]
  const msOf = (count: number): number => count / bandwidthBytesPerSecond * 1000
  for (let round = 0; round < roundsMax; round++) {
    copyMs += msOf(left)
    const dirty = Math.min(bytes, msOf(left) / 1000 * dirtyBytesPerSecond)
    const isEnough = dirty > 0.9 * left ||
      (msOf(dirty) <= downMsMax && (msOf(dirty) <= LEAST_MS || !hasHalved(left, dirty)))
    left = dirty
    if (isEnough) break
  }
  const downMs = msOf(left) + ROUND_TRIPS_DOWN * rttMs
  return { totalMs: copyMs + msOf(left) + ROUND_TRIPS * rttMs, downMs }
}
