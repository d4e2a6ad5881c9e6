/**
 * The smallest subset of `items` that still fails, as far as leaving out any one of it shows: delta debugging (Zeller
 * and Hildebrandt, 2002). `fails` is asked for subsets, in order, and must hold for all items together.
 */
export async function shrink<T> (items: readonly T[], fails: (subset: readonly T[]) => Promise<boolean>): Promise<T[]> {
  if (items.length === 0 || await fails([])) return []
  let kept = [...items]
  for (let parts = 2; kept.length > 1 && parts <= kept.length;) {
    const without = await firstThatFails(complements(kept, parts), fails)
    if (without !== undefined) {
      kept = without
      parts = Math.max(2, parts - 1)
    } else if (parts === kept.length) break
    else parts = Math.min(kept.length, parts * 2)
  }
  return kept
}

function complements<T> (items: readonly T[], parts: number): T[][] {
  return Array.from({ length: parts }, (_, part) => {
    const [from, to] = [Math.floor(items.length * part / parts), Math.floor(items.length * (part + 1) / parts)]
    return [...items.slice(0, from), ...items.slice(to)]
  })
}

async function firstThatFails<T> (
  subsets: readonly T[][], fails: (subset: readonly T[]) => Promise<boolean>
): Promise<T[] | undefined> {
  for (const subset of subsets) if (await fails(subset)) return subset
  return undefined
}
