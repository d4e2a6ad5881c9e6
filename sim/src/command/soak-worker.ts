import { setMaxListeners } from 'node:events'
import { parentPort } from 'node:worker_threads'
import { runScenario } from '../run.ts'
import { readScenario } from './read-scenario.ts'
import type { SoakRun } from './soak.ts'

setMaxListeners(0) // one deadline may cut short any number of calls

parentPort?.on('message', ({ scenario, seed, nodes }: SoakRun) => {
  void (async () => {
    const { report } = await runScenario(await readScenario(scenario), { seed, nodes })
    parentPort?.postMessage(report.broken[0])
  })()
})
