import { CloudError } from '@welkin/interface'

/** One job of a trace, as it was. */
export interface TraceJob {
  /** Since the first job of the trace, seconds. */
  submitSeconds: number
  runSeconds: number
  processors: number
  /** Of all its processors together; undefined: nobody knows. */
  memoryBytes: number | undefined
}

const FIELDS = 18

/** By its place in a line, from 1, as the standard numbers them. */
const SUBMIT = 2
const RUN = 4
const PROCESSORS = 5
const MEMORY_KIB = 7
const PROCESSORS_REQUESTED = 8
const MEMORY_KIB_REQUESTED = 10
const STATUS = 11

const CANCELLED = 5
/** A part of a job that was swapped out, of which the job's own line tells the sum. */
const PARTS = [2, 3, 4]

/**
 * The jobs of a trace in the Standard Workload Format (Feitelson's Parallel Workloads Archive), in the order of their
 * submission. A missing value is -1: what was used is then what was asked for. Jobs that never ran, or of which the
 * time or the processors are unknown, are left out, as are parts of jobs. Throws EINVAL with the line.
 */
export function parseSwf (text: string, source: string): TraceJob[] {
  const jobs = text.split('\n').flatMap((line, at) => {
    const job = isComment(line) ? undefined : parseLine(line, `Line ${at + 1} of ${source}`)
    return job ?? []
  }).toSorted((a, b) => a.submitSeconds - b.submitSeconds)
  const [first] = jobs
  if (first === undefined) {
    throw new CloudError('EINVAL', `${source} has no job that ran; give a trace in the Standard Workload Format.`)
  }
  return jobs.map(job => ({ ...job, submitSeconds: job.submitSeconds - first.submitSeconds }))
}

function isComment (line: string): boolean {
  return line.trim() === '' || line.trimStart().startsWith(';')
}

function parseLine (line: string, where: string): TraceJob | undefined {
  const cells = line.trim().split(/\s+/)
  if (cells.length !== FIELDS) {
    throw new CloudError('EINVAL', `${where} is no job: it has ${cells.length} fields, and the format has ${FIELDS}.`)
  }
  const values = cells.map(Number)
  const wrong = values.findIndex(value => !Number.isFinite(value))
  if (wrong >= 0) {
    throw new CloudError('EINVAL', `${where} is no job: field ${wrong + 1} is no number: "${cells[wrong]}".`)
  }
  /** The first of these that is there. */
  const known = (...fields: number[]): number | undefined =>
    fields.map(field => values[field - 1] as number).find(value => value >= 0)
  const [submitSeconds, runSeconds] = [known(SUBMIT), known(RUN)]
  const [processors = 0, status = -1] = [known(PROCESSORS, PROCESSORS_REQUESTED), known(STATUS)]
  const neverRan = runSeconds === 0 && status === CANCELLED
  if (submitSeconds === undefined || runSeconds === undefined || processors === 0) return undefined
  if (neverRan || PARTS.includes(status)) return undefined
  const memoryKib = known(MEMORY_KIB, MEMORY_KIB_REQUESTED)
  return {
    submitSeconds, runSeconds, processors,
    memoryBytes: memoryKib === undefined ? undefined : memoryKib * 1024 * processors
  }
}
