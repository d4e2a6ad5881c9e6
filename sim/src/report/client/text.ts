/** A moment of the run for people: `4:05.3`. */
export function clockText (atMs: number): string {
  const tenths = Math.round(Math.max(0, atMs) / 100)
  const [hours, minutes, seconds] = [Math.floor(tenths / 36_000), Math.floor(tenths / 600) % 60, (tenths % 600) / 10]
  const tail = seconds.toFixed(1).padStart(4, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`
}

/** A number for people, with three digits that count: `0.873`, `12.4k`. */
export function numberText (value: number): string {
  const units: Array<[number, string]> = [[1e9, 'G'], [1e6, 'M'], [1e4, 'k']]
  const [, unit = ''] = units.find(([from]) => Math.abs(value) >= from) ?? []
  const scaled = value / ({ G: 1e9, M: 1e6, k: 1e3 }[unit] ?? 1)
  return `${Number.isInteger(scaled) ? scaled : Number(scaled.toPrecision(3))}${unit}`
}

/** The least of 1, 2 and 5 times a power of ten that is not below `value`. */
export function niceCeiling (value: number): number {
  if (!(value > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return power * ([1, 2, 5].find(step => step * power >= value * (1 - 1e-9)) ?? 10)
}

/** The least pleasant span of time, in milliseconds, that is not below `ms`. */
export function niceSpanMs (ms: number): number {
  const spans = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].map(seconds => seconds * 1000)
  return spans.find(span => span >= ms) ?? niceCeiling(ms / 3_600_000) * 3_600_000
}

/** The part of the page with this id. */
export function part<T extends HTMLElement = HTMLElement> (id: string): T {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`The page has no part "${id}".`)
  return found as T
}

/** A new element; whatever it shows is text, never markup. */
export function element<K extends keyof HTMLElementTagNameMap> (
  tag: K, { text, ...attributes }: Record<string, string>, children: readonly Node[] = []
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...text === undefined ? [] : [text], ...children)
  return made
}

/** Whom a line of the story is about, in a few words. */
export function nodesText (nodes: ReadonlyArray<number | string>, names: readonly string[]): string {
  const told = nodes.slice(0, 3).map(node => typeof node === 'number' ? names[node] ?? `#${node}` : node)
  return nodes.length > 3 ? `${told.join(', ')} and ${nodes.length - 3} more` : told.join(', ')
}
