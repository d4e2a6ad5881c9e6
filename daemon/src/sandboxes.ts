import type { ObjectSpec } from '@welkin/abi'
import type { Driver } from '@welkin/interface'

/** Whether only a driver that makes sandboxes can run it. */
export function needsSandbox ({ isolation, network = 'host' }: Pick<ObjectSpec, 'isolation' | 'network'>): boolean {
  return isolation === 'strict' || network !== 'host'
}

/** By what words nodes tell of a driver, so that those can be found that make sandboxes. */
export function wordsFor ({ name, abilities }: Driver): string[] {
  return abilities.isolation === 'strict' ? [name, withSandboxes(name)] : [name]
}

export function withSandboxes (driver: string): string {
  return `${driver}-strict`
}
