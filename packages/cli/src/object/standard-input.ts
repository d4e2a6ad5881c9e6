/** Our standard input as items for `attach`, until its end or `closeInput`. */
export async function * standardInput (): AsyncGenerator<{ bytes: Uint8Array }> {
  for await (const bytes of process.stdin) yield { bytes: bytes as Uint8Array }
}

/** Lets go of standard input, which would keep this process up. */
export function closeInput (): void {
  // Only asking for `stdin` opens it, and one that was never opened holds nothing.
  process.stdin.destroy()
}
