import { InvalidArgumentError } from 'commander'
import { parseSize } from '../print/sizes.ts'

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
