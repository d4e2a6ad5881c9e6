import { CloudError } from '@welkin/interface'
import { parseMatrix } from '@welkin/links'
import { parseHistograms, type JobClass } from '../workloads/histograms.ts'
import { parseSwf, type TraceJob } from '../workloads/swf.ts'
import type { ScenarioDescription } from './schema.ts'

/** What the files hold that a scenario names. */
export interface ScenarioContents {
  /** Of `workload.trace`. */
  jobs?: readonly TraceJob[]
  /** Of `workload.histograms`: those that it wants. */
  classes?: readonly JobClass[]
  /** Of `topology.links`: round-trip times, milliseconds from row to column. */
  rttMs?: readonly number[][]
}

/** The scenario with what its files hold; `readText` is given their names as they stand there. Rejects EINVAL. */
export async function withContents (
  scenario: ScenarioDescription, readText: (file: string) => Promise<string>
): Promise<ScenarioDescription> {
  const { topology: { links: { matrixFile } }, workload: { trace, histograms } } = scenario
  const contents: ScenarioContents = {}
  if (trace !== undefined) contents.jobs = parseSwf(await readText(trace.file), trace.file)
  if (histograms !== undefined) {
    const all = parseHistograms(await readText(histograms.file), histograms.file)
    contents.classes = chosen(all, histograms.classes, histograms.file)
  }
  if (matrixFile !== undefined) contents.rttMs = parseMatrix(await readText(matrixFile)).rttMs
  return { ...scenario, contents }
}

function chosen (all: readonly JobClass[], names: readonly string[] | undefined, file: string): readonly JobClass[] {
  const unknown = names?.find(name => !all.some(one => one.name === name))
  const wanted = names === undefined ? all : all.filter(({ name }) => names.includes(name))
  if (unknown === undefined && wanted.some(({ weight }) => weight > 0)) return wanted
  throw new CloudError('EINVAL', `${file} has no jobs of ${unknown ?? names?.join(', ')}; it has ${
    all.flatMap(({ name, weight }) => weight > 0 ? name : []).join(', ')}.`)
}
