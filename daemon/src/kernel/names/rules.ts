import { subjectKey, type Binding, type Rule } from './entry.ts'

/** What a name stands for now. */
export interface Standing<B extends Binding = Binding> {
  /** The one that was declared first; `latest` where nothing is bound. */
  readonly rule: Rule
  /** Those that hold, oldest first. */
  readonly entries: readonly B[]
}

/**
 * Which of the bindings of one name hold at `nowMs`. Whoever has the same bindings comes to the same, in whatever order
 * they came: after a cut has healed, everywhere.
 */
export function standing<B extends Binding> (bindings: readonly B[], nowMs: number): Standing<B> {
  const live = bindings.filter(({ removed, untilMs }) => !removed && untilMs > nowMs).toSorted(byAge)
  const oldest = live[0]
  if (oldest === undefined) return { rule: 'latest', entries: [] }
  if (oldest.rule === 'both') return { rule: 'both', entries: live }
  return { rule: oldest.rule, entries: [oldest.rule === 'first' ? oldest : live.at(-1) as B] }
}

/** Why a subject cannot be bound as wanted, where these hold; undefined: it can. */
export function refusalOf (
  { rule, entries }: Standing, wanted: Pick<Binding, 'subject' | 'rule'>
): { code: 'EEXIST' | 'EINVAL', why: string } | undefined {
  const others = entries.filter(entry => subjectKey(entry) !== subjectKey(wanted))
  if (others.length === 0) return undefined
  if (rule === 'first') return { code: 'EEXIST', why: 'it is bound already, and the first to bind it keeps it' }
  if (rule === wanted.rule) return undefined
  return { code: 'EINVAL', why: `it is bound by the rule "${rule}"; bind it by that, or unbind it first` }
}

function byAge (a: Binding, b: Binding): number {
  if (a.boundAtMs !== b.boundAtMs) return a.boundAtMs - b.boundAtMs
  return subjectKey(a) < subjectKey(b) ? -1 : 1
}
