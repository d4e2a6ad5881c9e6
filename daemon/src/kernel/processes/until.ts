import { onAbort, throwIfAborted, type Cancel, type TaskExit } from '@welkin/interface'
import type { SupervisedObject } from './supervised-object.ts'

/**
 * Resolves when `predicate` holds, which is looked at anew at each change of the object's state. Rejects ESTALE when it
 * is here no more.
 */
export async function until (object: SupervisedObject, predicate: () => boolean, signal: AbortSignal): Promise<void> {
  throwIfAborted(signal)
  if (predicate()) return
  if (object.movedTo !== undefined) await object.whenHere()
  const cancels: Cancel[] = []
  try {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (object.movedTo !== undefined) object.whenHere().catch(reject)
        else if (predicate()) resolve()
      }
      cancels.push(object.watch(look), onAbort(signal, reject))
    })
  } finally {
    for (const cancel of cancels) cancel()
  }
}

/** Rejects ESTALE when the object is here no more. */
export async function exitOf (object: SupervisedObject, signal: AbortSignal): Promise<TaskExit> {
  await until(object, () => object.hasEnded, signal)
  return object.record.exit as TaskExit
}
