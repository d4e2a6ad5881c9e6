import type { Limits } from '../protocol.ts'

/** In which `ulimit` counts what is written. */
const BLOCK_BYTES = 512

/**
 * Shell commands by which a process limits itself, and all that descend from it. What is above what this user may have
 * is not set, and the lower limit holds. `more`: processes that are there beside the task's own.
 */
export function limitsScript ({ fileBytes, files, processes }: Limits, more: number): string {
  const commands: string[] = []
  if (files !== undefined) commands.push(`ulimit -n ${files}`)
  if (fileBytes !== undefined) commands.push(`ulimit -f ${Math.ceil(fileBytes / BLOCK_BYTES)}`)
  // Shells do not agree on the letter, and `-p` is none of bash's that could be set.
  if (processes !== undefined) commands.push(`ulimit -u ${processes + more} || ulimit -p ${processes + more}`)
  return commands.map(command => `{ ${command}; } 2>/dev/null; `).join('')
}
