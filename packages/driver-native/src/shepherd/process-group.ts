/** Sends `signal` to every process of a group; one that is empty, or holds only processes of others, is left alone. */
export function signalGroup (leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal)
  } catch (error) {
    if (!isExpected(error)) throw error
  }
}

function isExpected (error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ESRCH' || code === 'EPERM'
}
