const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

type Environment = Readonly<Record<string, string>>

/** A task's whole environment: what its spec says and what hardly a program does without; nothing is inherited. */
export function taskEnvironment (env: Environment, workDirectory: string, common: Environment = {}): Environment {
  const own = { PATH: process.env.PATH ?? PATH, LANG: 'C.UTF-8', HOME: workDirectory, PWD: workDirectory }
  return { ...own, ...common, ...env }
}
