// A thread for one slow step, whose memory goes with it.
import { parentPort, workerData } from 'node:worker_threads'
import { client, ready } from '@serenity-kit/opaque'
import type { Outcome, SlowStep } from './stretch.ts'

await ready
parentPort?.postMessage(outcomeOf(workerData as SlowStep))

function outcomeOf ({ step, given }: SlowStep): Outcome {
  try {
    return { result: step === 'finishLogin' ? client.finishLogin(given) : client.finishRegistration(given) }
  } catch (error) {
    return { fault: String(error) }
  }
}
