import type { Coordinate, MachineLoad, NodePromises } from '@welkin/interface'

/** What a node says of itself again and again. */
export interface Vitals {
  load: MachineLoad & NodePromises
  coordinate?: Coordinate | undefined
  price?: number | undefined
  /** It is about to leave. */
  leaving: boolean
}

const MEBIBYTE = 2 ** 20
/** Of what is counted in mebibytes, hundredths and so on; more than any machine has, and exact as a number. */
const COUNT_MAX = 2 ** 40
const COORDINATE_DIMENSIONS_MAX = 8
/** No round trip on earth takes a minute. */
const COORDINATE_MS_MAX = 60_000

/**
 * Vitals as a short list of whole numbers, with nothing where a value is unknown: shares in percent, sizes in MiB, CPUs
 * and prices in hundredths and ten-thousandths, rates in kB/s, coordinates in tenths of a millisecond. What is free is
 * rounded down and what is promised up.
 */
export function packVitals ({ load, coordinate, price, leaving }: Vitals): unknown[] {
  const { pressure, network, disk } = load
  return withoutTail([
    leaving ? 1 : 0,
    load.objects, load.objectsMax, hundredthsUp(load.cpuPromised), mebibytesUp(load.memoryPromisedBytes),
    mebibytes(load.memoryFreeBytes), scaled(load.cpuBusyRatio, 100),
    coordinate === undefined ? null : packCoordinate(coordinate),
    load.diskFreeBytes === undefined ? null : mebibytes(load.diskFreeBytes),
    scaled(price, 10_000), scaled(load.load1m, 100),
    pressure === undefined ? null : [pressure.cpu, pressure.memory, pressure.io].map(share => scaled(share, 100)),
    network === undefined ? null : [network.receivedBytesPerSecond, network.sentBytesPerSecond].map(kilobytes),
    disk === undefined ? null : [disk.readBytesPerSecond, disk.writtenBytesPerSecond].map(kilobytes)
  ])
}

/** What `packVitals` made; undefined for anything that no honest node says. */
export function unpackVitals (packed: readonly unknown[]): Vitals | undefined {
  const [leaving, objects, objectsMax, cpuPromised, memoryPromised, memoryFree, busy, point, diskFree, price, ...more] =
    packed
  const [load1m, pressure, network, disk] = more
  const counts = [objects, objectsMax, cpuPromised, memoryPromised, memoryFree]
  const optional = [busy, diskFree, price, load1m]
  if (!counts.every(isCount) || !optional.every(value => value == null || isCount(value))) return undefined
  if ((leaving !== 0 && leaving !== 1) || (busy as number | null ?? 0) > 100) return undefined
  const coordinate = point == null ? undefined : unpackCoordinate(point)
  const lists = [listOf(pressure, 3, 100), listOf(network, 2), listOf(disk, 2)] as const
  if ((point != null && coordinate === undefined) || lists.includes('unfit')) return undefined
  const [waits, traffic, drive] = lists as ReadonlyArray<Array<number | undefined> | undefined>
  return {
    leaving: leaving === 1,
    load: {
      objects: objects as number,
      objectsMax: objectsMax as number,
      cpuPromised: (cpuPromised as number) / 100,
      memoryPromisedBytes: (memoryPromised as number) * MEBIBYTE,
      memoryFreeBytes: (memoryFree as number) * MEBIBYTE,
      ...known('cpuBusyRatio', busy, 1 / 100),
      ...known('diskFreeBytes', diskFree, MEBIBYTE),
      ...known('load1m', load1m, 1 / 100),
      ...waits === undefined ? {} : {
        pressure: {
          ...known('cpu', waits[0], 1 / 100), ...known('memory', waits[1], 1 / 100), ...known('io', waits[2], 1 / 100)
        }
      },
      ...traffic === undefined ? {} : {
        network: { receivedBytesPerSecond: (traffic[0] ?? 0) * 1000, sentBytesPerSecond: (traffic[1] ?? 0) * 1000 }
      },
      ...drive === undefined ? {} : {
        disk: { readBytesPerSecond: (drive[0] ?? 0) * 1000, writtenBytesPerSecond: (drive[1] ?? 0) * 1000 }
      }
    },
    ...coordinate === undefined ? {} : { coordinate },
    ...known('price', price, 1 / 10_000)
  }
}

/** Vitals as others will see them. */
export function rounded (vitals: Vitals): Vitals {
  return unpackVitals(packVitals(vitals)) ?? vitals
}

export function packCoordinate ({ vector, heightMs, error }: Coordinate): number[] {
  return [Math.round(Math.min(1, Math.max(0, error)) * 1000), ...[heightMs, ...vector].map(ms => Math.round(ms * 10))]
}

/** What `packCoordinate` made; undefined for anything else. */
export function unpackCoordinate (packed: unknown): Coordinate | undefined {
  if (!Array.isArray(packed) || packed.length < 3 || packed.length > 2 + COORDINATE_DIMENSIONS_MAX) return undefined
  const [error, height, ...vector] = packed as unknown[]
  if (!isCount(error) || error > 1000 || !isCount(height)) return undefined
  if (![height, ...vector].every(isTenthsOfMs)) return undefined
  return { error: error / 1000, heightMs: height / 10, vector: (vector as number[]).map(tenths => tenths / 10) }
}

/** The numbers of a list of at most `size`, none above `most`; undefined for no list, `unfit` for a wrong one. */
function listOf (value: unknown, size: number, most = COUNT_MAX): Array<number | undefined> | undefined | 'unfit' {
  if (value == null) return undefined
  if (!Array.isArray(value) || value.length > size) return 'unfit'
  const fits = value.every(item => item == null || (isCount(item) && item <= most))
  return fits ? value.map(item => item as number | null ?? undefined) : 'unfit'
}

function isTenthsOfMs (value: unknown): boolean {
  return Number.isInteger(value) && Math.abs(value as number) <= COORDINATE_MS_MAX * 10
}

function isCount (value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= COUNT_MAX
}

function known<K extends string> (key: K, value: unknown, unit: number): { [P in K]?: number } {
  return value == null ? {} : { [key]: Math.round((value as number) * unit * 1e6) / 1e6 } as { [P in K]: number }
}

function scaled (value: number | undefined, by: number): number | null {
  return value === undefined ? null : Math.round(value * by)
}

function mebibytes (bytes: number): number {
  return Math.floor(bytes / MEBIBYTE)
}

function mebibytesUp (bytes: number): number {
  return Math.ceil(bytes / MEBIBYTE)
}

/** Whole hundredths stay what they are, though the number is a little above them. */
function hundredthsUp (value: number): number {
  return Math.max(0, Math.ceil(value * 100 - 1e-6))
}

function kilobytes (bytesPerSecond: number): number {
  return Math.round(bytesPerSecond / 1000)
}

function withoutTail (values: unknown[]): unknown[] {
  const last = values.findLastIndex(value => value !== null)
  return values.slice(0, last + 1)
}
