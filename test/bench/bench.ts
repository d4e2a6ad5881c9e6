import type { Stage } from './stage.ts'

/** Figures by name; the name ends in the unit. */
export type Figures = Readonly<Record<string, number>>

/** What a bench can be told by `--name`: one number, or several with commas between. */
export interface Setting {
  readonly about: string
  readonly usual: number | readonly number[]
  /** For a smoke test. */
  readonly quick: number | readonly number[]
}

export interface Target {
  readonly what: string
  readonly value: number
  readonly atLeast?: number
  readonly atMost?: number
}

export interface Outcome {
  /** What was measured of Welkin. */
  readonly figures: Readonly<Record<string, number | Figures>>
  /** The same of others, in the same run; null: it is not installed here. */
  readonly rivals: Readonly<Record<string, Figures | null>>
  /** The lines of the printed table. */
  readonly lines: Readonly<Record<string, Figures | null>>
  readonly targets: readonly Target[]
  /** What one has to know to read the figures. */
  readonly notes: readonly string[]
}

type Values<S> = { readonly [K in keyof S]: S[K] extends { usual: number } ? number : readonly number[] }

export interface Bench {
  readonly about: string
  readonly settings: Readonly<Record<string, Setting>>
  /** What files it takes after its name, if it takes any. */
  readonly files?: string
  run (values: never, stage: Stage, files: readonly string[]): Promise<Outcome>
}

/** A bench whose `run` is given the values of its settings. */
export function bench<const S extends Readonly<Record<string, Setting>>> (
  about: string, settings: S, run: (values: Values<S>, stage: Stage, files: readonly string[]) => Promise<Outcome>,
  more: Pick<Bench, 'files'> = {}
): Bench {
  return { about, settings, run, ...more }
}
