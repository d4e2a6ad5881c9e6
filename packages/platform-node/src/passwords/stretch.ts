import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { client } from '@serenity-kit/opaque'
import { unreadable } from './unreadable.ts'

/** Argon2id with 64 MiB and three passes, the second choice of RFC 9106: about 0.2 s for each guess. */
const STRETCHING = { keyStretching: 'memory-constrained' } as const

/** The steps that stretch a password. */
export type SlowStep =
  | { step: 'finishRegistration', given: Parameters<typeof client.finishRegistration>[0] }
  | { step: 'finishLogin', given: Parameters<typeof client.finishLogin>[0] }

export type Outcome = { result: unknown } | { fault: string }

/**
 * Takes a step in a thread of its own: the node must go on answering, and WebAssembly gives no memory back.
 * Rejects EPROTO.
 */
export async function stretch<T> ({ step, given }: SlowStep): Promise<T> {
  const workerData = { step, given: { ...given, ...STRETCHING } }
  const worker = new Worker(new URL('./stretching.js', import.meta.url), { workerData })
  try {
    const [outcome] = await once(worker, 'message') as [Outcome]
    if ('fault' in outcome) throw unreadable(outcome.fault)
    return outcome.result as T
  } finally {
    void worker.terminate()
  }
}
