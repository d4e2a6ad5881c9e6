/** A write as its client knows it: `value` is its digest, null for a removal; a greater version replaces a smaller. */
export interface VersionedWrite { key: string, version: number, value: string | null }

/** A key on which replicas differ: who holds which value, null for those that hold none. */
export interface Difference { key: string, held: Map<string | null, string[]> }

/** What was found: `converged` says that replicas hold the same, whether or not it is what was acknowledged. */
export interface Convergence {
  converged: boolean
  differences: Difference[]
  /** The acknowledged writes that are nowhere, neither themselves nor replaced. */
  lost: VersionedWrite[]
}

/**
 * Compares what replicas hold in the end, key → digest by the name of the node, with each other and with the writes
 * that were acknowledged. A write is accounted for if any replica holds its value, or that of a write of the same key
 * and no smaller version, be it acknowledged or one of `unanswered`, which may have taken effect.
 */
export function checkConverged (
  replicas: ReadonlyMap<string, ReadonlyMap<string, string>>, acknowledged: Iterable<VersionedWrite>,
  unanswered: Iterable<VersionedWrite> = []
): Convergence {
  const differences: Difference[] = []
  const keys = new Set([...replicas.values()].flatMap(held => [...held.keys()]))
  for (const key of [...keys].toSorted()) {
    const held = holdersOf(replicas, key)
    if (held.size > 1) differences.push({ key, held })
  }
  const written = [...acknowledged]
  const versions = newestHeld(replicas, [...written, ...unanswered])
  const lost = written.filter(({ key, version }) => version > (versions.get(key) ?? -Infinity))
  return { converged: differences.length === 0, differences, lost }
}

/** Tells a person what was found, a line for each key that differs and each write that is lost. */
export function tellConverged ({ differences, lost }: Convergence): string {
  if (differences.length === 0 && lost.length === 0) return 'the replicas agree, and hold all that was acknowledged'
  return [
    ...differences.map(({ key, held }) => `replicas differ on ${key}: ${[...held].map(([value, nodes]) =>
      `${nodes.join(', ')} ${nodes.length === 1 ? 'holds' : 'hold'} ${value ?? 'nothing'}`).join('; ')}`),
    ...lost.map(({ key, version, value }) =>
      `${value === null ? 'the removal of' : `the write of ${value} to`} ${key}, version ${version}, ` +
      'was acknowledged and is nowhere')
  ].join('\n')
}

function holdersOf (
  replicas: ReadonlyMap<string, ReadonlyMap<string, string>>, key: string
): Map<string | null, string[]> {
  const held = new Map<string | null, string[]>()
  for (const [node, values] of replicas) {
    const value = values.get(key) ?? null
    held.set(value, [...held.get(value) ?? [], node])
  }
  return held
}

/** For each key the greatest version of which a replica holds the value. */
function newestHeld (
  replicas: ReadonlyMap<string, ReadonlyMap<string, string>>, writes: readonly VersionedWrite[]
): Map<string, number> {
  const newest = new Map<string, number>()
  for (const { key, version, value } of writes) {
    if (version <= (newest.get(key) ?? -Infinity)) continue
    if ([...replicas.values()].some(held => (held.get(key) ?? null) === value)) newest.set(key, version)
  }
  return newest
}
