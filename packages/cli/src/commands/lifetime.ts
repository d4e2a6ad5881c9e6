import { InvalidArgumentError } from 'commander'

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `30m`, `12h` or `90d`, as milliseconds. */
export function lifetime (text: string): number {
  const [, amount, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? []
  if (amount !== undefined) return Number(amount) * (UNITS[unit] as number)
  throw new InvalidArgumentError('It must be a time such as 30m, 12h or 90d.')
}
