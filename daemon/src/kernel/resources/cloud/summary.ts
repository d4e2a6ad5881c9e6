import { decode, isSealedBy, seal, SIGNATURE_BYTES } from '@welkin/abi'
import { CloudError, isZone, type Keys, type NodeId, type NumberSummary, type SiteSummary } from '@welkin/interface'
import { z } from 'zod'
import { Opened } from '../statements/shared.ts'
import { packCoordinate, unpackCoordinate } from '../statements/vitals.ts'

const SIZE_BYTES_MAX = 16 * 1024
const KIND = 'welkin/summary/1'

const finite = z.number().min(-1e300).max(1e300)
const numberSummary = z.tuple([finite, finite, finite, z.array(z.int().min(0).max(2 ** 32)).max(64)])
const schema = z.tuple([
  z.literal(KIND),
  z.string().max(128),
  z.int().min(0), // incarnation of the speaker
  z.int().min(0), // counts what it said
  z.string().refine(isZone),
  z.int().min(0).max(2 ** 32),
  z.int().min(0).max(2 ** 32),
  z.record(z.string().max(64), numberSummary),
  z.record(z.string().max(64), z.array(z.string().max(256)).max(64)),
  z.tuple([z.array(z.number()), z.number().min(0)]).nullable(),
  z.array(z.tuple([z.string().max(128), z.array(z.string().max(256)).max(8)])).max(16)
])

/** A summary as one delegate of the site says it: with its signature, to be passed on as it came. */
export interface SpokenSummary {
  readonly wire: Uint8Array
  readonly speaker: NodeId
  readonly incarnation: number
  readonly sequence: number
  readonly summary: Omit<SiteSummary, 'ageMs'>
}

export function sealSummary (
  { summary, speaker, incarnation, sequence }: Omit<SpokenSummary, 'wire'>, keys: Keys
): SpokenSummary {
  const { site, up, down, numbers, words, centre, delegates } = summary
  const wire = seal([
    KIND, speaker, incarnation, sequence, site, up, down,
    mapped(numbers, ({ min, max, sum, histogram }) => [min, max, sum, histogram]),
    words,
    centre === undefined ? null : [packCoordinate(centre.coordinate), Math.ceil(centre.radiusMs * 10) / 10],
    delegates.map(({ id, addresses }) => [id, addresses.slice(0, 8)])
  ], keys)
  return { wire, speaker, incarnation, sequence, summary }
}

const opened = new Opened<SpokenSummary>()

/** Throws EPROTO for what is too large, not well formed, or not signed by whoever it says. */
export function openSummary (wire: Uint8Array, keys: Keys): SpokenSummary {
  const { byteLength } = wire
  if (byteLength <= SIGNATURE_BYTES || byteLength > SIZE_BYTES_MAX) throw refused(`it has ${byteLength} bytes`)
  const spoken = opened.get(wire) ?? opened.add(openWire(new Uint8Array(wire)))
  if (!isSealedBy(spoken.speaker, wire, keys)) throw refused('its signature is not its speaker\'s')
  return spoken
}

function openWire (wire: Uint8Array): SpokenSummary {
  const { success, data } = schema.safeParse(decode(wire.subarray(SIGNATURE_BYTES)))
  if (!success) throw refused('it is not well formed')
  const [, speaker, incarnation, sequence, site, up, down, numbers, words, place, delegates] = data
  const coordinate = place === null ? undefined : unpackCoordinate(place[0])
  if (place !== null && coordinate === undefined) throw refused('no site is in such a place')
  return {
    wire, speaker, incarnation, sequence,
    summary: {
      site, up, down, words,
      numbers: mapped(numbers, ([min, max, sum, histogram]): NumberSummary => ({ min, max, sum, histogram })),
      delegates: delegates.map(([id, addresses]) => ({ id, addresses })),
      ...coordinate === undefined ? {} : { centre: { coordinate, radiusMs: place?.[1] ?? 0 } }
    }
  }
}

function mapped<T, R> (record: Readonly<Record<string, T>>, to: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, to(value)]))
}

function refused (why: string): CloudError {
  return new CloudError('EPROTO', `The summary of a site was refused: ${why}.`)
}
