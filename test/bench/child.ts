import { fork, type ChildProcess } from 'node:child_process'

/** A script of this folder in a process of its own, which answers questions. */
export interface Child {
  readonly process: ChildProcess
  /** Asks one question; the next waits for its answer. Rejects with what went wrong there, or when it has ended. */
  ask<Answer> (question: unknown): Promise<Answer>
}

interface Reply { answer?: unknown, failure?: string }

/** Starts a compiled script, which calls `answerParent`. */
export function forkChild (script: URL, execArgv: readonly string[]): Child {
  const child = fork(script, { execArgv: [...execArgv], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  return {
    process: child,
    ask: async <Answer>(question: unknown) => await new Promise<Answer>((resolve, reject) => {
      const onExit = (): void => reject(new Error(`${script.pathname} ended before it answered.`))
      child.once('exit', onExit)
      child.once('message', ({ answer, failure }: Reply) => {
        child.off('exit', onExit)
        if (failure === undefined) resolve(answer as Answer)
        else reject(new Error(failure))
      })
      child.send({ question })
    })
  }
}

/** Answers whatever the parent asks, until that ends. */
export function answerParent<Question> (answer: (question: Question) => Promise<unknown>): void {
  const reply = (message: Reply): void => { process.send?.(message) }
  process.on('message', ({ question }: { question: Question }) => {
    answer(question).then(
      given => reply({ answer: given }),
      (error: Error) => reply({ failure: error.stack ?? String(error) })
    )
  })
  for (const end of ['disconnect', 'SIGTERM']) process.on(end, () => process.exit())
}
