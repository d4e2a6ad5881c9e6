import { InvalidArgumentError } from 'commander'
import type { CostWeights, NodeQuery } from '@welkin/abi'
import { DNS_LABEL, isCloudError, isZone } from '@welkin/interface'
import { parseAmount, parseQuery, USUAL_WEIGHTS } from '@welkin/query'
import type { Reach } from '../node/wishes.ts'
import { formatSize, parseSize } from '../print/sizes.ts'
import { UsageError } from './usage-error.ts'

const SIZE_MIN = 1024 ** 2

/** A whole number within its bounds, for commander. */
export function wholeNumber (least: number, most: number): (text: string) => number {
  return text => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`)
  }
}

export function cpuCount (text: string): number {
  const value = Number(text)
  if (/^\d*\.?\d+$/.test(text) && value >= 0.01) return value
  throw new InvalidArgumentError('It must be a number of CPUs such as 2 or 0.5.')
}

export function memorySize (text: string): number {
  const bytes = parseSize(text)
  if (bytes !== undefined && bytes >= SIZE_MIN) return bytes
  throw new InvalidArgumentError('It must be a size of at least 1M, such as 64M or 1.5G.')
}

export function byteCount (text: string): number {
  const bytes = parseSize(text)
  if (bytes !== undefined) return bytes
  throw new InvalidArgumentError('It must be a size such as 4096, 64K or 1.5M.')
}

/** The same, up to so many. */
export function bytesUpTo (most: number): (text: string) => number {
  return text => {
    const bytes = byteCount(text)
    if (bytes <= most) return bytes
    throw new InvalidArgumentError(`It must be at most ${formatSize(most)}.`)
  }
}

export function seconds (text: string): number {
  const value = Number(text)
  if (/^\d*\.?\d+$/.test(text)) return value
  throw new InvalidArgumentError('It must be a number of seconds such as 5 or 0.5.')
}

/** `50ms` or `1.5s`, as milliseconds. */
export function milliseconds (text: string): number {
  const [, amount, unit] = /^(\d*\.?\d+)(ms|s)$/.exec(text) ?? []
  if (amount !== undefined) return Number(amount) * (unit === 's' ? 1000 : 1)
  throw new InvalidArgumentError('It must be a time such as 50ms or 1.5s.')
}

const SPAN_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `30s`, `10m`, `12h` or `90d`, as milliseconds. */
export function longSpan (text: string): number {
  const [, amount, unit] = /^(\d*\.?\d+)([smhd])$/.exec(text) ?? []
  if (amount !== undefined && Number(amount) > 0) return Number(amount) * SPAN_MS[unit as keyof typeof SPAN_MS]
  throw new InvalidArgumentError('It must be a time such as 30s, 10m, 12h or 90d.')
}

/** `1%` or `0.01`, as a number from 0 to 1. */
export function share (text: string): number {
  const [, amount, percent] = /^(\d*\.?\d+)(%?)$/.exec(text) ?? []
  const value = Number(amount) / (percent === '%' ? 100 : 1)
  if (value <= 1) return value
  throw new InvalidArgumentError('It must be a share such as 1% or 0.01.')
}

/** `K=V`, or `K` for what our own environment has; collected. */
export function environment (text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=')
  const name = at === -1 ? text : text.slice(0, at)
  if (name === '') throw new InvalidArgumentError('It must be NAME=VALUE, or NAME for what the environment has now.')
  const value = at === -1 ? process.env[name] : text.slice(at + 1)
  if (value === undefined) throw new InvalidArgumentError(`The environment has no ${name}; say ${name}=VALUE.`)
  return { ...before, [name]: value }
}

/** Every use of an option, in order. */
export function collected (text: string, before: string[] = []): string[] {
  return [...before, text]
}

/** Several values joined by commas. */
export function list (text: string): string[] {
  const parts = text.split(',').map(part => part.trim())
  if (parts.every(part => part !== '')) return parts
  throw new InvalidArgumentError('It must be one or several, joined by commas.')
}

export function zone (text: string): string {
  if (isZone(text)) return text
  throw new InvalidArgumentError('It must be one to three labels joined by "/", e.g. acme/lyon/r7.')
}

/** A query in its text form; what is wrong with it is shown by a caret below the character. */
export function query (text: string): NodeQuery {
  try {
    return parseQuery(text)
  } catch (error) {
    if (!isCloudError(error)) throw error
    throw new UsageError(error.message, error.fields)
  }
}

/** `TIME:PLACE`, e.g. `20ms:n3`; collected. */
export function reach (text: string, before: Reach[] = []): Reach[] {
  const at = text.indexOf(':')
  const [ms, target] = [parseAmount(text.slice(0, at), 'ms'), text.slice(at + 1)]
  if (at > 0 && ms !== undefined && ms >= 0 && target !== '') return [...before, { ms, target }]
  throw new InvalidArgumentError('It must be a time and a node, an object or a zone, e.g. 20ms:n3.')
}

/** What counts how much in a cost: `latency=2,load=1`. */
export function weights (text: string): CostWeights {
  const terms = Object.keys(USUAL_WEIGHTS)
  const given = list(text).map(part => /^([a-z]+)=(\d*\.?\d+)$/.exec(part) ?? [])
  const names = given.map(([, name]) => name)
  if (names.every((name, at) => terms.includes(name ?? '') && names.indexOf(name) === at)) {
    return Object.fromEntries(given.map(([, name, weight]) => [name, Number(weight)]))
  }
  throw new InvalidArgumentError(`It must be weights such as latency=2,load=1; there are ${terms.join(', ')}.`)
}

/** `http=8080`; collected. */
export function namedPort (text: string, before: Record<string, number> = {}): Record<string, number> {
  const [, name = '', digits] = /^([^=]+)=(\d+)$/.exec(text) ?? []
  const port = Number(digits)
  if (DNS_LABEL.test(name) && port <= 65_535) return { ...before, [name]: port }
  throw new InvalidArgumentError('It must be a name and a port such as http=8080; 0 for what listens by system calls.')
}

/** An amount in the cloud's own money. */
export function money (text: string): number {
  if (/^\d*\.?\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be an amount of money such as 0.04.')
}
