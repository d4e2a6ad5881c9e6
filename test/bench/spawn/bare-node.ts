import { answerParent } from '../child.ts'
import { latenciesOf, rateOf, type Load } from '../load.ts'
import { runProgram } from '../programs.ts'

/** What Node's own spawn can do, with nothing else in the process. */
export type BareQuestion = { rate: Load } | { latenciesMs: number }

const work = (): Promise<string> => runProgram('/bin/true', [])

answerParent(async (question: BareQuestion) => {
  return 'rate' in question ? await rateOf(work, question.rate) : await latenciesOf(work, question.latenciesMs)
})
