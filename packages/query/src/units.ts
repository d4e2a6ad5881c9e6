/** What the numbers of an attribute, a distance or an amount count. */
export type Unit = 'count' | 'ratio' | 'bytes' | 'bytesPerSecond' | 'ms' | 'money'

/** A way to write a unit: as it is printed, what else is understood, and how many of the base unit it stands for. */
interface Suffix { printed: string, understood: readonly string[], factor: number }

interface Text { digits: string, printed: string }

const NUMBER = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(.*)$/i

const PLAIN: Suffix = { printed: '', understood: [''], factor: 1 }

const SIZES: readonly Suffix[] = [
  { printed: 'B', understood: ['b', ''], factor: 1 },
  ...['k', 'm', 'g', 't', 'p'].map((letter, at): Suffix => ({
    printed: `${letter.toUpperCase()}iB`,
    understood: [`${letter}ib`, `${letter}b`, letter],
    factor: 1024 ** (at + 1)
  }))
]

const UNITS: Record<Unit, { suffixes: readonly Suffix[], example: string }> = {
  count: { suffixes: [PLAIN], example: 'a number such as 2 or 0.5' },
  money: { suffixes: [PLAIN], example: 'a number such as 2 or 0.5' },
  ratio: {
    suffixes: [{ printed: '%', understood: ['%'], factor: 0.01 }, PLAIN], example: 'a share such as 50% or 0.5'
  },
  bytes: { suffixes: SIZES, example: 'a size such as 4096, 64M or 1.5GiB' },
  bytesPerSecond: {
    suffixes: SIZES.map(({ printed, understood, factor }): Suffix => ({
      printed: `${printed}/s`, understood: understood.flatMap(text => [`${text}/s`, text]), factor
    })),
    example: 'bytes a second, such as 64M or 1.5GiB/s'
  },
  ms: {
    suffixes: [
      { printed: 'ms', understood: ['ms', ''], factor: 1 },
      { printed: 'us', understood: ['us'], factor: 0.001 },
      { printed: 's', understood: ['s'], factor: 1000 },
      { printed: 'min', understood: ['min'], factor: 60_000 }
    ],
    example: 'a time such as 20ms or 1.5s'
  }
}

/** What a number of this unit looks like, for messages. */
export function exampleOf (unit: Unit): string {
  return UNITS[unit].example
}

/** Whether `text` can stand behind a number of this unit, as `GiB` behind `4`. */
export function isSuffix (text: string, unit: Unit): boolean {
  return text !== '' && suffixOf(text, unit) !== undefined
}

/**
 * A number with or without its unit, in the base unit: `4GiB`, `20ms`, `50%`. Sizes count by powers of 1024, however
 * they are written, as everywhere in Welkin. Undefined for anything else.
 */
export function parseAmount (text: string, unit: Unit): number | undefined {
  const [, amount, rest] = NUMBER.exec(text) ?? []
  if (amount === undefined || rest === undefined) return undefined
  const suffix = suffixOf(rest, unit)
  const value = suffix === undefined ? Number.NaN : Number(amount) * suffix.factor
  return Number.isFinite(value) ? value : undefined
}

/** The text with the fewest digits that `parseAmount` reads as exactly this value. */
export function formatAmount (value: number, unit: Unit): string {
  const [first, ...others] = UNITS[unit].suffixes.flatMap(({ printed, factor }) => {
    const amount = factor === 1 ? value : Number((value / factor).toPrecision(15))
    return amount * factor === value ? [{ digits: String(amount), printed }] : []
  })
  const isShorter = (one: Text, other: Text): boolean => one.digits.length < other.digits.length
  const { digits, printed } = others.reduce((best, other) => isShorter(other, best) ? other : best, first as Text)
  return digits + printed
}

function suffixOf (text: string, unit: Unit): Suffix | undefined {
  return UNITS[unit].suffixes.find(({ understood }) => understood.includes(text.toLowerCase()))
}
