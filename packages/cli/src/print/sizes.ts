const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
const SIZE = /^(\d+(?:\.\d+)?)([kmgtp]?)(?:i?b)?$/i

/** Bytes as people write them: `4096`, `64M`, `1.5G`, `200 KiB`, by powers of 1024. Undefined for anything else. */
export function parseSize (text: string): number | undefined {
  const [, amount, unit] = SIZE.exec(text.replaceAll(' ', '')) ?? []
  if (amount === undefined || unit === undefined) return undefined
  return Math.round(Number(amount) * 1024 ** ' kmgtp'.indexOf(unit.toLowerCase() || ' '))
}

/** Bytes for people: `0 B`, `1.5 KiB`, `171 MiB`. */
export function formatSize (bytes: number): string {
  let unit = 0
  let amount = bytes
  // Past 999.5 the next unit reads better than four digits.
  while (amount >= 999.5 && unit < UNITS.length - 1) {
    amount /= 1024
    unit++
  }
  return `${unit > 0 && amount < 9.95 ? amount.toFixed(1) : Math.round(amount)} ${UNITS[unit]}`
}

/** Bytes a second for people: `94 MiB/s`. */
export function formatRate (bytesPerSecond: number): string {
  return `${formatSize(bytesPerSecond)}/s`
}
