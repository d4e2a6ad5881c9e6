/** How what was put together is taken apart. */
export type Undo = Array<() => Promise<void>>

/** Takes every step, the last first; what goes wrong in one does not keep the others from being taken. */
export async function undoAll (undo: Undo): Promise<void> {
  const failures: unknown[] = []
  for (const step of undo.splice(0).toReversed()) await step().catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw failures[0]
}
